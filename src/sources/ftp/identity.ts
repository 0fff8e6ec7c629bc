import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Identity } from '../credentials';
import type { Environment } from '../environment';
import { addressOf, greet, tlsSocketOf } from './greeting';
import { nameToExpect } from './certificateName';
import { curiosityOf, fingerprintOf, hasPinnedKey, keyFingerprintOf, proofOf } from './tls';

/**
 * The certificate that a server shows, for a person to compare. Nothing is sent as a login. Throws
 * `configuration` for FTP without TLS, and what connecting throws.
 */
export async function identifyFtpServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Identity> {
  if (server.protocol !== 'ftps') {
    const message = `FTP without TLS shows nothing to recognise ${server.host} by. Use "ftps" if the server has it.`;
    throw new BackupError('configuration', message);
  }
  const curiosity = await curiosityOf(server);
  const client = await greet(server, curiosity, environment.log, signal);
  try {
    const socket = tlsSocketOf(client);
    // To be asked for once: Node 20 has nothing to show the second time.
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) {
      throw new BackupError('certificate', `${addressOf(server)} shows no certificate.`);
    }
    const fingerprint = fingerprintOf(certificate);
    const proof = proofOf(socket);
    const hasSameKey = hasPinnedKey(certificate, server);
    const trust = trustIn(server, fingerprint, proof, hasSameKey);
    const name = proof === 'other-name' ? nameToExpect(certificate.subjectAltName) : undefined;
    return {
      type: 'certificate',
      fingerprint,
      keyFingerprint: keyFingerprintOf(certificate),
      address: addressOf(server),
      details: [
        `Subject: ${oneLine(certificate.subject)}`,
        `Issuer: ${oneLine(certificate.issuer)}`,
        ...(certificate.subjectAltName === undefined
          ? []
          : [`Names: ${certificate.subjectAltName}`]),
        `Valid: ${certificate.validFrom} to ${certificate.validTo}`,
      ],
      ...(name !== undefined && { certificateName: name }),
      ...(trust === 'renewed' && hasSameKey && { hasSameKey }),
      trust,
    };
  } finally {
    client.close();
  }
}

function trustIn(
  server: Server,
  fingerprint: string,
  proof: ReturnType<typeof proofOf>,
  hasSameKey: boolean,
): Identity['trust'] {
  if (server.fingerprint === undefined) return proof === 'whole' ? 'verified' : 'unknown';
  if (server.fingerprint.replace(/=+$/, '') === fingerprint) return 'pinned';
  return proof === 'none' && !hasSameKey ? 'changed' : 'renewed';
}

function oneLine(name: string): string {
  return name.replaceAll('\n', ', ');
}
