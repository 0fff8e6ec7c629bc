import { BackupError } from '../../base/errors';
import { identifyServer } from '../../jobs/connect/identifyServer';
import { withAccepted } from '../../model/configuration/pinFingerprint';
import type { Identity } from '../../sources/credentials';
import { writeWhole } from '../../store/description';
import { nodeDisk } from '../../store/nodeDisk';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import type { Session } from '../session';
import { selectServers } from '../selectServers';

const sameKeyInWords =
  'It is not the pinned one, but it was renewed with the same key: nobody else has come between.';

const trustInWords: Readonly<Record<Identity['trust'], string>> = {
  pinned: 'It is the pinned one.',
  'known-hosts': 'It is known from known_hosts.',
  verified: 'It was issued by a certificate authority that this computer trusts.',
  unknown: 'It is not known yet.',
  renewed: 'It is not the pinned one, but it was renewed: a known authority has issued it.',
  changed: 'WARNING: it is NOT the one that is known. Ask the host why before you accept it.',
  revoked: 'WARNING: it is marked as revoked in known_hosts. It is not accepted.',
};

/** `sauvegarde trust SERVER [--accept]`: show, and with `--accept` pin, the host key or certificate. */
export async function trustCommand(
  session: Session,
  name: string,
  accept: boolean,
): Promise<ExitCode> {
  const { workspace, output } = session;
  const [server] = selectServers(workspace.configuration, [name]);
  if (!server) return exitCode.usage;
  const identity = await identifyServer(server, session.environment(server), session.signal);
  const pin = accept && identity.trust !== 'revoked';
  if (pin) {
    const text = withAccepted(workspace.text, name, identity);
    await writeWhole(nodeDisk, workspace.file, text);
  }
  output.result(wordsOf(name, identity, pin), {
    event: 'identity',
    server: name,
    type: identity.type,
    fingerprint: identity.fingerprint,
    trust: identity.trust,
    details: identity.details,
    ...(identity.keyFingerprint !== undefined && { keyFingerprint: identity.keyFingerprint }),
    ...(identity.hasSameKey === true && { hasSameKey: true }),
    ...(identity.certificateName !== undefined && { certificateName: identity.certificateName }),
    accepted: pin,
  });
  if (accept && !pin) throw new BackupError('host-key', `${name}: a revoked key is not accepted.`);
  return exitCode.done;
}

function wordsOf(name: string, identity: Identity, pinned: boolean): string {
  const { certificateName } = identity;
  const done =
    certificateName === undefined
      ? `Pinned for ${name} in the configuration file.`
      : `"certificateName": "${certificateName}" was set for ${name} in the configuration file.`;
  const next = pinned
    ? done
    : `Compare it with what the host tells you, then run: sauvegarde trust ${name} --accept`;
  const settled = identity.trust === 'pinned' || identity.trust === 'revoked';
  return [
    `${identity.address} shows ${identity.type} ${identity.fingerprint}`,
    ...identity.details.map((detail) => `  ${shown(detail)}`),
    identity.hasSameKey === true ? sameKeyInWords : trustInWords[identity.trust],
    ...(certificateName === undefined ? [] : [otherName(shown(certificateName))]),
    ...(settled && !pinned ? [] : [next]),
  ].join('\n');
}

function otherName(name: string): string {
  return `It is issued by a known authority, for ${name}, which is not the host: usual on shared hosting.`;
}
