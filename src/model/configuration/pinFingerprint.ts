import { applyEdits, modify } from 'jsonc-parser';

/** The text of the configuration file with a server's fingerprint set; comments and formatting stay. */
export function pinFingerprint(text: string, server: string, fingerprint: string): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2 };
  const edits = modify(text, ['servers', server, 'fingerprint'], fingerprint, {
    formattingOptions,
  });
  return applyEdits(text, edits);
}
