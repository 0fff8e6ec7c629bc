import { createHash } from 'node:crypto';

import { utils, type ServerHostKeyAlgorithm } from 'ssh2';

import { BackupError } from '../../base/errors';
import type { Identity } from '../credentials';
import type { KnownHosts } from './knownHosts';
import { addressOf, type SshTarget } from './target';

/**
 * The kinds of host keys and the algorithms that prove them, best first. `ssh-dss` and the SHA-1
 * signatures of `ssh-rsa` are left out, as OpenSSH leaves them out since 8.8.
 */
const algorithmsOfType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

export const hostKeyTypes: readonly string[] = Object.keys(algorithmsOfType);

/** The algorithms to offer: those of the `preferred` types first, those of `excluded` ones not at all. */
export function hostKeyAlgorithms(
  preferred: readonly string[],
  excluded: ReadonlySet<string> = new Set(),
): ServerHostKeyAlgorithm[] {
  const types = new Set([...preferred, ...hostKeyTypes]);
  return [...types]
    .filter((type) => !excluded.has(type))
    .flatMap((type) => algorithmsOfType[type] ?? []);
}

/** `SHA256:` and 43 characters of base64, as ssh-keygen shows it. */
export function fingerprintOf(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519` …, read from the key's blob. */
export function typeOfKey(key: Buffer): string {
  const parsed = utils.parseKey(key);
  return parsed instanceof Error ? 'unknown' : parsed.type;
}

/** What the key that a host showed is worth. A pinned fingerprint decides alone. */
export function identify(target: SshTarget, key: Buffer, known: KnownHosts): Identity {
  const fingerprint = fingerprintOf(key);
  const { host, port } = target.knownAs;
  const verdict = known.verdict(host, port, key);
  let trust: Identity['trust'] = verdict === 'known' ? 'known-hosts' : verdict;
  if (target.fingerprint !== undefined) {
    trust = samePin(target.fingerprint, fingerprint) ? 'pinned' : 'changed';
  }
  const details = trust === 'changed' || trust === 'revoked' ? known.placesOf(host, port) : [];
  return { type: typeOfKey(key), fingerprint, address: addressOf(target), details, trust };
}

function samePin(pin: string, fingerprint: string): boolean {
  return pin.trim().replace(/=+$/, '') === fingerprint;
}

/** Why the host is not logged in to, or undefined if its key is trusted. */
export function refusal(target: SshTarget, identity: Identity): BackupError | undefined {
  const { trust } = identity;
  if (trust === 'pinned' || trust === 'known-hosts' || trust === 'verified') return undefined;
  return new BackupError('host-key', `${whatIsWrong(target, identity)} ${whatToDo(target, trust)}`);
}

function whatIsWrong(target: SshTarget, { trust, type, fingerprint, address, details }: Identity) {
  const shown = `${address} shows the ${type} key ${fingerprint}`;
  if (trust === 'unknown') return `The host key is not known yet: ${shown}.`;
  if (trust === 'revoked') return `The host key is marked as revoked: ${shown}.`;
  const before =
    target.fingerprint === undefined
      ? `other keys are known from ${details.join(', ')}`
      : `${target.fingerprint} is pinned`;
  return `WARNING: the host key has changed, somebody may be listening in: ${shown}, but ${before}.`;
}

function whatToDo(target: SshTarget, trust: Identity['trust']): string {
  if (trust === 'revoked') return 'Do not log in; ask who runs the server.';
  const compare = 'ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub, run on the server, shows its keys';
  if (target.isJump) {
    return `Compare it (${compare}), then run "ssh ${target.host}" once to make it known.`;
  }
  const accept = `run "sauvegarde trust ${target.label} --accept"`;
  if (trust === 'unknown') return `Compare it with the server's own, then ${accept}.`;
  return `Ask who runs the server whether the key was replaced (${compare}); only then ${accept}.`;
}
