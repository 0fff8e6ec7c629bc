import { withField } from './editText';

/** The text of the configuration file with a server's fingerprint set; comments and formatting stay. */
export function pinFingerprint(text: string, server: string, fingerprint: string): string {
  return withField(text, ['servers', server, 'fingerprint'], fingerprint);
}
