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

/**
 * What the key that a host showed is worth. A pinned fingerprint decides alone, except over a key that is
 * known to be revoked: the pin may be older, or have come with a configuration of somebody else.
 */
export function identify(target: SshTarget, key: Buffer, known: KnownHosts): Identity {
  const fingerprint = fingerprintOf(key);
  const { host, port } = target.knownAs;
  const verdict = known.verdict(host, port, key);
  let trust: Identity['trust'] = verdict === 'known' ? 'known-hosts' : verdict;
  if (target.fingerprint !== undefined && verdict !== 'revoked') {
    trust = samePin(target.fingerprint, fingerprint) ? 'pinned' : 'changed';
  }
  const details = detailsOf(trust, host, port, key, known);
  return { type: typeOfKey(key), fingerprint, address: addressOf(target), details, trust };
}

function detailsOf(
  trust: Identity['trust'],
  host: string,
  port: number,
  key: Buffer,
  known: KnownHosts,
): string[] {
  if (trust === 'changed') return known.placesOf(host, port);
  if (trust === 'revoked') return known.revocationsOf(host, port, key);
  const authorities = known.authoritiesOf(host, port);
  if (trust !== 'unknown' || authorities.length === 0) return [];
  return [
    `${authorities.join(', ')} trusts an authority for this host, but certificates of hosts are not understood here: its plain key counts`,
  ];
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
  const more = details.map((detail) => ` ${detail}.`).join('');
  if (trust === 'unknown') return `The host key is not known yet: ${shown}.${more}`;
  if (trust === 'revoked') {
    return `The host key is marked as revoked in ${details.join(', ')}: ${shown}.`;
  }
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
