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
  return (await secureContextsWith(ca, client))(undefined);
}

/** Makes the context that offers a group of the key exchange first, each once. */
export type SecureContexts = (group: string | undefined) => tls.SecureContext;

/**
 * As `secureContextWith`, for servers whose wishes become known. A TLS 1.3 client sends its key in the
 * group that it offers first; a server that wants another one has it begin again, a round trip later
 * (HelloRetryRequest, RFC 8446, section 4.1.4).
 */
export async function secureContextsWith(
  ca: string | undefined,
  client?: ClientCertificate,
): Promise<SecureContexts> {
  const common = { minVersion: 'TLSv1.2', ...(client && (await clientOptions(client))) } as const;
  const own = ca === undefined ? undefined : await authority(ca);
  const system = systemAuthorities();
  const isPlain = own === undefined && system.length === 0;
  const all = [...tls.rootCertificates, ...system, ...(own === undefined ? [] : [own])];
  const options = isPlain ? common : { ...common, ca: all };
  const usual = contextOf(options);
  const made = new Map<string, tls.SecureContext>();
  return (group) => {
    if (group === undefined || !groups.includes(group)) return usual;
    const context = made.get(group) ?? contextBeginningWith(group, options) ?? usual;
    made.set(group, context);
    return context;
  };
}

/** What is offered by default, by the names that OpenSSL and BoringSSL share. */
const groups: readonly string[] = ['X25519', 'prime256v1', 'secp384r1', 'secp521r1'];

/** Undefined where the TLS library lacks one of the groups, as a policy of the system may have it. */
function contextBeginningWith(
  group: string,
  options: tls.SecureContextOptions,
): tls.SecureContext | undefined {
  const inOrder = [group, ...groups.filter((other) => other !== group)];
  try {
    return tls.createSecureContext({ ...options, ecdhCurve: inOrder.join(':') });
  } catch {
    return undefined;
  }
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
