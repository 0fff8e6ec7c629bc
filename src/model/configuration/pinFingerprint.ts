import { withField } from './editText';

/** The text of the configuration file with a server's fingerprint set; comments and formatting stay. */
export function pinFingerprint(text: string, server: string, fingerprint: string): string {
  return withField(text, ['servers', server, 'fingerprint'], fingerprint);
}

/** What a person accepted of a server: one certificate or key, or the name that its certificates bear. */
export interface Accepted {
  readonly fingerprint: string;
  /** Expected instead of the fingerprint, so that a renewed certificate needs no person. */
  readonly certificateName?: string;
}

/** The text of the configuration file with what was accepted of a server. */
export function withAccepted(
  text: string,
  server: string,
  { fingerprint, certificateName }: Accepted,
): string {
  if (certificateName === undefined) return pinFingerprint(text, server, fingerprint);
  const unpinned = withField(text, ['servers', server, 'fingerprint'], undefined);
  return withField(unpinned, ['servers', server, 'certificateName'], certificateName);
}
