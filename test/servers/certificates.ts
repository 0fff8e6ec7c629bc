import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of our own and a certificate for `localhost` and 127.0.0.1 from it. */
export interface Certificates {
  readonly folder: string;
  /** PEM file of the authority. */
  readonly caFile: string;
  /** PEM file of the server's certificate. */
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Key and certificate in one PEM file, as Pure-FTPd wants them. */
  readonly combinedFile: string;
  /** `SHA256:` and base64 without padding, of the DER form of the server's certificate. */
  readonly fingerprint: string;
}

export interface CertificateOptions {
  /** The subject alternative names. Default: localhost and 127.0.0.1. */
  readonly names?: string;
  /** Days of validity. */
  readonly days?: number;
}

/** Makes both with the openssl program, in a temporary folder. */
export function makeCertificates(options: CertificateOptions = {}): Certificates {
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-certificates-'));
  const at = (name: string): string => join(folder, name);
  const openssl = (...args: string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl(
    ...['req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30'],
    ...['-subj', '/CN=Sauvegarde test authority'],
  );
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=localhost');
  const names = options.names ?? 'DNS:localhost,IP:127.0.0.1';
  writeFileSync(at('extensions'), `subjectAltName=${names}\n`);
  openssl(
    ...[
      'x509',
      '-req',
      '-in',
      'server.csr',
      '-CA',
      'ca.pem',
      '-CAkey',
      'ca.key',
      '-CAcreateserial',
    ],
    ...['-out', 'server.pem', '-days', String(options.days ?? 30), '-extfile', 'extensions'],
  );
  writeFileSync(at('combined.pem'), readFileSync(at('server.key')), { mode: 0o600 });
  appendFileSync(at('combined.pem'), readFileSync(at('server.pem')));
  const certificate = new X509Certificate(readFileSync(at('server.pem')));
  return {
    folder,
    caFile: at('ca.pem'),
    certificateFile: at('server.pem'),
    keyFile: at('server.key'),
    combinedFile: at('combined.pem'),
    fingerprint: fingerprintOf(certificate.raw),
  };
}

function fingerprintOf(der: Buffer): string {
  const digest = createHash('sha256').update(der).digest('base64').replace(/=+$/, '');
  return `SHA256:${digest}`;
}
