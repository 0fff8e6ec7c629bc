/**
 * The keys that the person already trusts, as OpenSSH keeps them (sshd(8), "SSH_KNOWN_HOSTS FILE
 * FORMAT"). Read, never written.
 */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { BackupError, messageOf, systemCode } from '../../base/errors';
import { matchesList } from './pattern';

export type KnownHostVerdict = 'known' | 'unknown' | 'changed' | 'revoked';

interface KnownHost {
  readonly file: string;
  readonly line: number;
  readonly marker: 'revoked' | 'cert-authority' | undefined;
  /** Lower-case patterns, or one hashed name. */
  readonly hosts: readonly string[];
  readonly type: string;
  readonly key: string;
}

export class KnownHosts {
  readonly #entries: readonly KnownHost[];

  constructor(entries: readonly KnownHost[]) {
    this.#entries = entries;
  }

  /** Reads the files; those that are missing say nothing. Throws `configuration` if one cannot be read. */
  static async read(files: readonly string[]): Promise<KnownHosts> {
    const entries: KnownHost[] = [];
    for (const file of files) entries.push(...parseKnownHosts(await textOfFile(file), file));
    return new KnownHosts(entries);
  }

  /**
   * What is known of `key` (the public key's blob) as the key of a host. A host of which only other
   * keys are known counts as changed, be they of another type or not: an impostor may choose the type.
   */
  verdict(host: string, port: number, key: Buffer): KnownHostVerdict {
    const shown = key.toString('base64');
    const named = this.#of(host, port);
    // ssh(1) also accepts a key that is known for the host without its port.
    const anyPort = port === 22 ? named : [...named, ...this.#of(host, 22)];
    const same = anyPort.filter((entry) => entry.key === shown);
    if (same.some((entry) => entry.marker === 'revoked')) return 'revoked';
    if (same.some((entry) => entry.marker === undefined)) return 'known';
    return named.some((entry) => entry.marker === undefined) ? 'changed' : 'unknown';
  }

  /** The types of the keys that are known for a host, in the order of the files. */
  typesFor(host: string, port: number): string[] {
    const plain = [...this.#of(host, port), ...this.#of(host, 22)].filter(
      (entry) => entry.marker === undefined,
    );
    return [...new Set(plain.map((entry) => entry.type))];
  }

  /** Where the keys of a host stand: `~/.ssh/known_hosts:12`. */
  placesOf(host: string, port: number): string[] {
    return this.#of(host, port).map(placeOf);
  }

  /** Where a key is said to be revoked for a host. */
  revocationsOf(host: string, port: number, key: Buffer): string[] {
    const shown = key.toString('base64');
    return [...new Set([...this.#of(host, port), ...this.#of(host, 22)])]
      .filter((entry) => entry.marker === 'revoked' && entry.key === shown)
      .map(placeOf);
  }

  /** Where it stands who may sign the keys of a host. Their certificates are not understood here. */
  authoritiesOf(host: string, port: number): string[] {
    const name = nameOf(host, port);
    return this.#entries
      .filter((entry) => entry.marker === 'cert-authority' && namesHost(entry.hosts, name))
      .map(placeOf);
  }

  #of(host: string, port: number): KnownHost[] {
    const name = nameOf(host, port);
    return this.#entries.filter(
      (entry) => entry.marker !== 'cert-authority' && namesHost(entry.hosts, name),
    );
  }
}

function nameOf(host: string, port: number): string {
  const lower = host.toLowerCase();
  return port === 22 ? lower : `[${lower}]:${port}`;
}

function placeOf({ file, line }: KnownHost): string {
  return `${file}:${line}`;
}

export const systemKnownHosts = '/etc/ssh/ssh_known_hosts';

/** The usual files, the person's own first. */
export function usualKnownHostsFiles(home: string): string[] {
  return [join(home, '.ssh', 'known_hosts'), join(home, '.ssh', 'known_hosts2'), systemKnownHosts];
}

/** The entries of one file. Lines that are not understood are passed over, as ssh does. */
export function parseKnownHosts(text: string, file: string): KnownHost[] {
  const entries: KnownHost[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const entry = parseLine(line.trim(), file, index + 1);
    if (entry) entries.push(entry);
  }
  return entries;
}

function parseLine(text: string, file: string, line: number): KnownHost | undefined {
  if (text === '' || text.startsWith('#')) return undefined;
  const fields = text.split(/[ \t]+/);
  const marker = text.startsWith('@') ? fields.shift()?.slice(1) : undefined;
  if (marker !== undefined && marker !== 'revoked' && marker !== 'cert-authority') return undefined;
  const [names, type, key] = fields;
  if (names === undefined || type === undefined || key === undefined) return undefined;
  const hosts = names.startsWith('|') ? [names] : names.toLowerCase().split(',');
  return { file, line, marker, hosts, type, key };
}

function namesHost(patterns: readonly string[], name: string): boolean {
  const [first] = patterns;
  if (first?.startsWith('|') !== true) return matchesList(patterns, name);
  const [, version, salt, hash] = first.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const own = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return own.equals(Buffer.from(hash, 'base64'));
}

async function textOfFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return '';
    throw new BackupError('configuration', `${file} cannot be read: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
