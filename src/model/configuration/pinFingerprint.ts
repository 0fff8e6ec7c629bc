import { withField } from './editText';

/** What a person accepted of a server: one certificate or key, or the name that its certificates bear. */
export interface Accepted {
  readonly fingerprint: string;
  /** Of the certificate's public key, so that its renewal is told from an impostor. */
  readonly keyFingerprint?: string;
  /** Expected instead of the fingerprint, so that a renewed certificate needs no person. */
  readonly certificateName?: string;
}

/** The text of the configuration file with what was accepted of a server; comments and formatting stay. */
export function withAccepted(
  text: string,
  server: string,
  { fingerprint, keyFingerprint, certificateName }: Accepted,
): string {
  const isPinned = certificateName === undefined;
  const fields = {
    fingerprint: isPinned ? fingerprint : undefined,
    keyFingerprint: isPinned ? keyFingerprint : undefined,
    ...(!isPinned && { certificateName }),
  };
  return Object.entries(fields).reduce(
    (edited, [field, value]) => withField(edited, ['servers', server, field], value),
    text,
  );
}
