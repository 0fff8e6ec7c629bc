import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import { BackupError, messageOf } from './errors';

/**
 * What TLS connections are opened with: the authorities that Node and the operating system know, and one
 * more. With all of them in it a context takes milliseconds: make it once for all connections.
 * @param ca a PEM file. Throws `configuration` if it cannot be read
 */
export async function secureContextWith(ca: string | undefined): Promise<tls.SecureContext> {
  const minVersion = 'TLSv1.2';
  const own = ca === undefined ? undefined : await authority(ca);
  const system = systemAuthorities();
  if (own === undefined && system.length === 0) return tls.createSecureContext({ minVersion });
  const all = [...tls.rootCertificates, ...system, ...(own === undefined ? [] : [own])];
  return tls.createSecureContext({ minVersion, ca: all });
}

/** Whether the `code` of an error says that a certificate was not trusted. */
export function isCertificateCode(code: string | undefined): boolean {
  return /^(UNABLE_TO_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT|HOSTNAME_|INVALID_|CRL_|PATH_)/.test(
    code ?? '',
  );
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
