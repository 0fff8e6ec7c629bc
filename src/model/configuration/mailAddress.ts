/** Someone who sends or gets mail. */
export interface MailAddress {
  /** `backup@example.org` */
  readonly address: string;
  /** What mail programs show in its place; may be empty. */
  readonly name: string;
}

// Nothing that could end a header or begin another address (RFC 5322, section 3.4) is let in.
const character = String.raw`[^\s<>()[\]\\,;:"@\u0000-\u001f\u007f-\u009f]`;
const bare = `${character}+@${character}+`;
const name = String.raw`[^<>()[\]\\,;:"@\u0000-\u001f\u007f-\u009f\u2028\u2029]*`;
const one = `(?:${bare}|${name}<${bare}>)`;

/** `backup@example.org`, or `Backup <backup@example.org>`. */
export const mailAddressForm = new RegExp(`^${one}$`);

/** Several of them, with commas between. */
export const mailAddressesForm = new RegExp(`^${one}(?: *, *${one})*$`);

/** Reads what `mailAddressesForm` has checked. */
export function parseMailAddresses(text: string): MailAddress[] {
  return text.split(',').map((part) => {
    const [, named, address = part] = /^(.*)<(.*)>$/.exec(part.trim()) ?? [];
    return { address: address.trim(), name: named?.trim() ?? '' };
  });
}
