import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import { BackupError, messageOf } from './errors';

/** A certificate of our own and its key, for servers that ask for one: PEM files. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/**
 * What TLS connections are opened with: the authorities that Node and the operating system know, and one
 * more. With all of them in it a context takes milliseconds: make it once for all connections.
 * @param ca a PEM file. Throws `configuration` if it cannot be read
 */
export async function secureContextWith(
  ca: string | undefined,
  client?: ClientCertificate,
): Promise<tls.SecureContext> {
  const common = { minVersion: 'TLSv1.2', ...(client && (await clientOptions(client))) } as const;
  const own = ca === undefined ? undefined : await authority(ca);
  const system = systemAuthorities();
  if (own === undefined && system.length === 0) return contextOf(common);
  const all = [...tls.rootCertificates, ...system, ...(own === undefined ? [] : [own])];
  return contextOf({ ...common, ca: all });
}

/** Whether the `code` of an error says that a certificate was not trusted. */
export function isCertificateCode(code: string | undefined): boolean {
  return /^(UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_|INVALID_|CRL_|PATH_)/.test(
    code ?? '',
  );
}

/** A key that does not belong to the certificate, or needs a passphrase, is found here. */
function contextOf(options: tls.SecureContextOptions): tls.SecureContext {
  try {
    return tls.createSecureContext(options);
  } catch (error) {
    const message = `"clientCertificate" and "clientKey" do not fit: ${messageOf(error)}. They must be a certificate and its key, without a passphrase, in PEM form.`;
    throw new BackupError('configuration', message, { cause: error });
  }
}

async function clientOptions({
  certificate,
  key,
}: ClientCertificate): Promise<{ cert: Buffer; key: Buffer }> {
  try {
    const [cert, own] = [await readFile(certificate), await readFile(key)];
    return { cert, key: own };
  } catch (error) {
    const message = `"clientCertificate" or "clientKey" cannot be read: ${messageOf(error)}`;
    throw new BackupError('configuration', message, { cause: error });
  }
}

async function authority(file: string): Promise<string> {
  try {
    const pem = await readFile(file, 'latin1');
    // A secure context passes over what it cannot read in silence.
    new X509Certificate(pem);
    return pem;
  } catch (error) {
    const message = `"ca" must be a file with a certificate in PEM form, but "${file}" is not: ${messageOf(error)}`;
    throw new BackupError('configuration', message, { cause: error });
  }
}

/** Authorities of the operating system, which Node tells since 22.15. */
function systemAuthorities(): readonly string[] {
  const newer = tls as { readonly getCACertificates?: (type: 'system') => string[] };
  return newer.getCACertificates?.('system') ?? [];
}
