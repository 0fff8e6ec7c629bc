import { parse, type ParseError } from 'jsonc-parser';
import { BackupError } from '../../base/errors';
import { freeName } from './freeName';
import type { RawServer } from './schema';

/** A server that another extension's `sftp.json` describes. */
export interface ImportedServer {
  readonly name: string;
  readonly server: RawServer;
  readonly password?: string;
  readonly passphrase?: string;
  /** What the file says and we do not take over, in words. */
  readonly notes: readonly string[];
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * The servers of a `.vscode/sftp.json` (the SFTP extensions of liximomo and Natizyskunk): one object
 * or a list, each with optional profiles, which are laid over it. Throws `configuration` if the text is
 * no such file.
 */
export function importedServers(text: string): ImportedServer[] {
  const faults: ParseError[] = [];
  const parsed: unknown = parse(text, faults, { allowTrailingComma: true });
  const found = (Array.isArray(parsed) ? parsed : [parsed]).filter(isObject);
  if (faults.length > 0 || found.length === 0) {
    throw new BackupError('configuration', 'sftp.json is not valid JSON with one or more servers.');
  }
  const names = new Set<string>();
  return found.flatMap(withProfiles).flatMap((fields) => {
    const imported = importServer(fields);
    if (!imported) return [];
    const name = freeName(imported.name, names);
    names.add(name.toLowerCase());
    return [{ ...imported, name }];
  });
}

function withProfiles(fields: Fields): Fields[] {
  const profiles = fields['profiles'];
  if (!isObject(profiles) || Object.keys(profiles).length === 0) return [fields];
  const base = textOf(fields['name']) ?? textOf(fields['host']);
  return Object.entries(profiles)
    .filter((entry): entry is [string, Fields] => isObject(entry[1]))
    .map(([profile, overlay]) => ({
      ...fields,
      ...overlay,
      name: base === undefined ? profile : `${base}-${profile}`,
    }));
}

function importServer(fields: Fields): ImportedServer | undefined {
  const host = textOf(fields['host']);
  if (host === undefined) return undefined;
  const protocol = protocolOf(fields);
  const ssh = protocol === 'sftp';
  const remotePath = textOf(fields['remotePath']);
  const exclude = textsOf(fields['ignore']);
  const connections = numberOf(fields['concurrency'], 1, 32);
  const timeout = numberOf(fields['connectTimeout'], 1000, 3_600_000);
  const password = textOf(fields['password']);
  const passphrase = textOf(fields['passphrase']);
  return {
    name: textOf(fields['name']) ?? host,
    server: {
      protocol,
      host,
      ...defined('port', numberOf(fields['port'], 1, 65_535)),
      ...defined('username', textOf(fields['username'])),
      ...(ssh ? defined('privateKey', textOf(fields['privateKeyPath'])) : {}),
      ...(ssh ? defined('jump', jumpsOf(fields['hop'])) : {}),
      ...(fields['secure'] === 'implicit' ? { tls: 'implicit' as const } : {}),
      include: remotePath?.startsWith('/') === true ? [remotePath] : [],
      ...(exclude.length > 0 ? { exclude } : {}),
      ...defined('connections', connections),
      ...defined('timeout', timeout === undefined ? undefined : Math.ceil(timeout / 1000)),
    },
    ...(password !== undefined && { password }),
    ...(passphrase !== undefined && { passphrase }),
    notes: notesOn(fields, remotePath),
  };
}

function protocolOf(fields: Fields): 'sftp' | 'ftp' | 'ftps' {
  if (fields['protocol'] !== 'ftp') return 'sftp';
  return fields['secure'] === undefined || fields['secure'] === false ? 'ftp' : 'ftps';
}

function jumpsOf(hop: unknown): string[] | undefined {
  const hops = (Array.isArray(hop) ? hop : [hop]).filter(isObject);
  const jumps = hops.flatMap((fields) => {
    const host = textOf(fields['host']);
    if (host === undefined) return [];
    const user = textOf(fields['username']);
    const port = numberOf(fields['port'], 1, 65_535);
    return [
      `${user === undefined ? '' : `${user}@`}${host}${port === undefined ? '' : `:${port}`}`,
    ];
  });
  return jumps.length > 0 ? jumps : undefined;
}

function notesOn(fields: Fields, remotePath: string | undefined): string[] {
  const notes: string[] = [];
  if (remotePath?.startsWith('/') !== true) {
    notes.push('"remotePath" is not absolute: choose the folders in the Servers view.');
  }
  if (fields['secure'] === 'control') {
    notes.push('"secure": "control" leaves the data unencrypted: "ftps" encrypts them too.');
  }
  if (fields['hop'] !== undefined) {
    notes.push('Passwords and keys of "hop" are not taken over: the agent or a prompt gives them.');
  }
  return notes;
}

function defined<K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> {
  return value === undefined ? {} : ({ [key]: value } as Record<K, T>);
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.flatMap((item) => textOf(item) ?? []) : [];
}

function numberOf(value: unknown, minimum: number, maximum: number): number | undefined {
  const isInRange = typeof value === 'number' && value >= minimum && value <= maximum;
  return isInRange ? Math.round(value) : undefined;
}
