/**
 * Who the server must prove to be (RFC 4217, with RFC 6125 for the name): a certificate of a known
 * authority for the host, or exactly the pinned one. The same check serves control and data
 * connections, and nothing is sent before it has passed.
 */
import { createHash, type X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type * as tls from 'node:tls';
import { isCertificateCode, secureContextWith } from '../../base/authorities';
import { BackupError, messageOf, systemCode } from '../../base/errors';
import type { Server } from '../../model/configuration/server';

export interface TlsTrust {
  /** What both kinds of connection are opened with. */
  readonly options: tls.ConnectionOptions;
  /** Throws `certificate` unless the socket's certificate is trusted. */
  check(socket: tls.TLSSocket): void;
}

/** The rules of a server. Throws `configuration` if its `ca` cannot be read. */
export async function trustOf(server: Server): Promise<TlsTrust> {
  const secureContext = await secureContextWith(server.ca);
  const pin = server.fingerprint?.replace(/=+$/, '');
  return {
    options: {
      ...nameOptions(server.host),
      secureContext,
      // With a pin, `check` decides alone: the certificate may be self-signed.
      rejectUnauthorized: pin === undefined,
    },
    check: (socket) => {
      if (pin !== undefined) requirePin(socket, pin, server);
      else if (!socket.authorized) throw untrusted(server, 'it could not be verified');
    },
  };
}

/** Options for looking at a certificate only: whatever is shown is taken. */
export async function curiosityOf(server: Server): Promise<TlsTrust> {
  const secureContext = await secureContextWith(server.ca);
  const options = { ...nameOptions(server.host), secureContext, rejectUnauthorized: false };
  return { options, check: () => undefined };
}

/** `SHA256:` and the digest of the DER form in base64 without padding. */
export function fingerprintOf(certificate: X509Certificate): string {
  const digest = createHash('sha256').update(certificate.raw).digest('base64');
  return `SHA256:${digest.replace(/=+$/, '')}`;
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
function nameOptions(host: string): tls.ConnectionOptions {
  return isIP(host) === 0 ? { host, servername: host } : { host };
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
  throw new BackupError(
    'certificate',
    `The certificate of ${server.host} is ${shown ?? 'missing'}, but ${pin} is pinned. If the server has a new one, compare it with "sauvegarde trust ${server.name}"; else somebody may be listening.`,
  );
}

function untrusted(server: Server, why: string, cause?: unknown): BackupError {
  return new BackupError(
    'certificate',
    `The certificate of ${server.host} is not trusted: ${why.replace(/\.$/, '')}. Set "ca" to its authority, or look at it with "sauvegarde trust ${server.name}" and pin it.`,
    { cause },
  );
}
