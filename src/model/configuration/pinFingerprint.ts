import { applyEdits, modify } from 'jsonc-parser';

/** The text of the configuration file with a server's fingerprint set; comments and formatting stay. */
export function pinFingerprint(text: string, server: string, fingerprint: string): string {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const json = text.slice(mark.length);
  const path = ['servers', server, 'fingerprint'];
  const edits = modify(json, path, fingerprint, { formattingOptions: indentationOf(json) });
  return mark + applyEdits(json, edits);
}

/** As the first indented line has it: tabs, or so many spaces. */
function indentationOf(text: string): { insertSpaces: boolean; tabSize: number } {
  const first = /^(?:\t|( +))\S/m.exec(text);
  return { insertSpaces: first?.[0].startsWith('\t') !== true, tabSize: first?.[1]?.length ?? 2 };
}
