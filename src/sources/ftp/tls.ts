/**
 * Who the server must prove to be (RFC 4217, with RFC 6125 for the name): a certificate of a known
 * authority for the host, or exactly the pinned one. The same check serves control and data
 * connections, and nothing is sent before it has passed.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type * as tls from 'node:tls';
import { isCertificateCode, secureContextsWith, secureContextWith } from '../../base/authorities';
import { BackupError, messageOf, systemCode } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import { faultOfName, nameToExpect } from './certificateName';

export interface TlsTrust {
  /** What the next connection is opened with, of either kind. */
  readonly options: tls.ConnectionOptions;
  /** Throws `certificate` unless the socket's certificate is trusted. Connections from now on do as it did. */
  check(socket: tls.TLSSocket): void;
}

/** The rules of a server. Throws `configuration` if its `ca` cannot be read. */
export async function trustOf(server: Server): Promise<TlsTrust> {
  const contexts = await secureContextsWith(server.ca, server.clientCertificate);
  const pin = server.fingerprint?.replace(/=+$/, '');
  const common = {
    ...nameOptions(server),
    // With a pin, `check` decides alone: the certificate may be self-signed.
    rejectUnauthorized: pin === undefined,
  };
  let secureContext = contexts(undefined);
  return {
    get options() {
      return { ...common, secureContext };
    },
    check: (socket) => {
      if (pin !== undefined) requirePin(socket, pin, server);
      else if (!socket.authorized) throw untrusted(server, 'it could not be verified');
      secureContext = contexts(groupOf(socket));
    },
  };
}

/**
 * The group of the key exchange, which servers such as vsftpd insist on. Undefined where the TLS library
 * does not tell it: the one of VS Code is another than Node's.
 */
function groupOf(socket: tls.TLSSocket): string | undefined {
  const key = socket.getEphemeralKeyInfo();
  return key !== null && 'name' in key ? key.name : undefined;
}

/** Options for looking at a certificate only: whatever is shown is taken. */
export async function curiosityOf(server: Server): Promise<TlsTrust> {
  const secureContext = await secureContextWith(server.ca, server.clientCertificate);
  const options = { ...nameOptions(server), secureContext, rejectUnauthorized: false };
  return { options, check: () => undefined };
}

/** `SHA256:` and the digest of the DER form in base64 without padding. */
export function fingerprintOf(certificate: X509Certificate): string {
  return digestOf(certificate.raw);
}

/** The same of its public key (SubjectPublicKeyInfo), which a renewed certificate may go on having. */
export function keyFingerprintOf(certificate: X509Certificate): string {
  return digestOf(certificate.publicKey.export({ type: 'spki', format: 'der' }));
}

/** Whether it has the key of the pinned certificate: TLS has proven that the server holds that key. */
export function hasPinnedKey(certificate: X509Certificate, { keyFingerprint }: Server): boolean {
  return keyFingerprint?.replace(/=+$/, '') === keyFingerprintOf(certificate);
}

function digestOf(der: Buffer): string {
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
}

/** The `certificate` error of a failed handshake, or undefined if it failed for another reason. */
export function certificateFailure(error: unknown, server: Server): BackupError | undefined {
  return isCertificateCode(systemCode(error))
    ? untrusted(server, messageOf(error), error)
    : undefined;
}

/**
 * SNI must be a name (RFC 6066); `host` is what the certificate is compared with, and what Node
 * binds a TLS session to: it must be the same for control and data connections.
 */
function nameOptions({ host, certificateName }: Server): tls.ConnectionOptions {
  return {
    host,
    ...(isIP(host) === 0 && { servername: host }),
    ...(certificateName !== undefined && {
      checkServerIdentity: (_host, certificate) => faultOfName(certificateName, certificate),
    }),
  };
}

/**
 * A resumed session shows no certificate (Node 20), and needs none: only a control connection that
 * has passed this check gives us sessions, and only the same server can resume them.
 */
function requirePin(socket: tls.TLSSocket, pin: string, server: Server): void {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined && socket.isSessionReused()) return;
  const shown = certificate === undefined ? undefined : fingerprintOf(certificate);
  if (shown === pin) return;
  throw new BackupError('certificate', otherThanPinned(socket, certificate, pin, server));
}

/** Certificates are renewed every few months: one that proves itself is no reason for alarm. */
function otherThanPinned(
  socket: tls.TLSSocket,
  certificate: X509Certificate | undefined,
  pin: string,
  server: Server,
): string {
  const { host, name } = server;
  const proof = proofOf(socket);
  if (proof === 'whole') {
    return `The certificate of ${host} was renewed: it is no longer the pinned one (${pin}), but a known authority has issued it for the right name. Remove "fingerprint" from ${name} to rely on that from now on, or pin the new one with "sauvegarde trust ${name} --accept".`;
  }
  const expected = nameToExpect(certificate?.subjectAltName);
  if (proof === 'other-name' && expected !== undefined) {
    return `The certificate of ${host} was renewed: it is no longer the pinned one (${pin}), but a known authority has issued it for ${expected}. If that is the name of your host, set "certificateName": "${expected}" in the place of "fingerprint"; "sauvegarde trust ${name} --accept" does so.`;
  }
  if (certificate && hasPinnedKey(certificate, server)) {
    return `The certificate of ${host} was renewed with the same key: it is no longer the pinned one (${pin}), but only who has the key of that one can show it. Pin the new one with "sauvegarde trust ${name} --accept".`;
  }
  const shown = certificate === undefined ? 'missing' : fingerprintOf(certificate);
  return `The certificate of ${host} is ${shown}, but ${pin} is pinned. If the server has a new one, compare it with "sauvegarde trust ${name}"; else somebody may be listening.`;
}

/** How far a certificate that was taken whatever it is proves itself: its chain, its time, its name. */
export function proofOf(socket: tls.TLSSocket): 'whole' | 'other-name' | 'none' {
  if (socket.authorized) return 'whole';
  // Node's types say Error; it is the code where there is one.
  const why: unknown = socket.authorizationError;
  const code = typeof why === 'string' ? why : systemCode(why);
  return code === 'ERR_TLS_CERT_ALTNAME_INVALID' ? 'other-name' : 'none';
}

function untrusted(server: Server, why: string, cause?: unknown): BackupError {
  const expected = systemCode(cause) === 'ERR_TLS_CERT_ALTNAME_INVALID' ? nameIn(cause) : undefined;
  if (expected !== undefined) {
    return new BackupError(
      'certificate',
      `The certificate of ${server.host} is good, but bears another name: ${expected}. If that is the name of your host, set "certificateName": "${expected}"; "sauvegarde trust ${server.name} --accept" does so.`,
      { cause },
    );
  }
  return new BackupError(
    'certificate',
    `The certificate of ${server.host} is not trusted: ${why.replace(/\.$/, '')}. Set "ca" to its authority, or look at it with "sauvegarde trust ${server.name}" and pin it.`,
    { cause },
  );
}

/** The name in the certificate of Node's error. */
function nameIn(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('cert' in error)) return undefined;
  return nameToExpect((error.cert as tls.PeerCertificate).subjectaltname);
}
