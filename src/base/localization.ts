/** Texts in the language of the person: `l10n` of VS Code, or English. */
export interface Localization {
  /** The text with `{0}`, `{1}` … filled in. The English text is the key of its translations. */
  t(message: string, ...values: (string | number)[]): string;
}

export const english: Localization = {
  t: (message, ...values) =>
    message.replaceAll(/\{(\d+)\}/g, (_whole, index) => String(values[Number(index)] ?? '')),
};
