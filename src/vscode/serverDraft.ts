import { l10n } from 'vscode';
import { parseConfiguration } from '../model/configuration/parse';
import type { RawServer } from '../model/configuration/schema';

/** How a person thinks of a protocol: with the choice that it needs. */
export type Way = 'sftp' | 'ftps' | 'ftps-implicit' | 'ftp' | 'rsync' | 'rsync-daemon' | 'local';
export type Authentication = 'agent' | 'key' | 'password';

/** What is known of a server while it is being added or edited. */
export interface ServerDraft {
  /** Fields that the questions do not ask for stay as they are. */
  readonly fields: RawServer;
  /** Undefined: an address was given that does not say it. */
  readonly way: Way | undefined;
  readonly authentication: Authentication;
  /** Typed in this round; undefined: the one that is stored, or none. */
  readonly password?: string;
  readonly name: string;
  /** The address that was typed, to be mended if it does not work. */
  readonly address: string;
  /** Whether it came as an address in one line: then only what that does not say is asked for. */
  readonly isFromAddress: boolean;
  /** Whether the person wants to write the rule of how long to keep. */
  readonly hasOwnRule: boolean;
}

/** As it is until the person has said that it is to go step by step. */
export function newDraft(): ServerDraft {
  const fields: RawServer = { protocol: 'sftp', include: [] };
  const open = { address: '', isFromAddress: true, hasOwnRule: false };
  return { ...open, fields, way: 'sftp', authentication: 'agent', name: '' };
}

export function draftOf(name: string, fields: RawServer): ServerDraft {
  const key = fields.privateKey === undefined ? 'agent' : 'key';
  const known = { address: '', isFromAddress: false, hasOwnRule: false };
  return { ...known, fields, way: wayOf(fields), authentication: key, name };
}

export function wayOf({ protocol, tls, via }: RawServer): Way {
  if (protocol === 'ftps' && tls === 'implicit') return 'ftps-implicit';
  return protocol === 'rsync' && via === 'daemon' ? 'rsync-daemon' : protocol;
}

export function isSsh(way: Way | undefined): boolean {
  return way === 'sftp' || way === 'rsync';
}

export function withWay(fields: RawServer, way: Way): RawServer {
  const { tls, via, privateKey, jump, fingerprint, keyFingerprint, port, ...rest } = fields;
  const same = wayOf(fields) === way ? { fingerprint, keyFingerprint, port } : {};
  const ssh = isSsh(way) ? { privateKey, jump } : {};
  const protocol = way === 'ftps-implicit' ? 'ftps' : way === 'rsync-daemon' ? 'rsync' : way;
  return defined({
    ...rest,
    ...same,
    ...ssh,
    protocol,
    tls: way === 'ftps-implicit' ? 'implicit' : undefined,
    via: way === 'rsync-daemon' ? 'daemon' : undefined,
  });
}

/** FTP without a user name is anonymous; SSH asks for a password only where it was chosen. */
export function usesPassword({ way, authentication, fields }: ServerDraft): boolean {
  if (isSsh(way)) return authentication === 'password';
  return way !== 'local' && fields.username !== undefined;
}

/** What the rules of the configuration file say of one field. */
export function faultOf(server: RawServer, field: keyof RawServer): string | undefined {
  const { faults } = parseConfiguration(JSON.stringify({ servers: { x: server } }), '/');
  const fault = faults.find((found) => found.field === `servers.x.${field}`);
  return fault && l10n.t('Accepted is {0}.', fault.accepted);
}

export function faultOfName(name: string): string | undefined {
  const server = { protocol: 'local', include: [] };
  const [fault] = parseConfiguration(JSON.stringify({ servers: { [name]: server } }), '/').faults;
  return fault && l10n.t('Accepted is {0}.', fault.accepted);
}

type Loose<T> = { readonly [K in keyof T]: T[K] | undefined };

/** Without the fields that are undefined, which JSON could not tell from missing ones. */
export function defined(fields: Loose<RawServer>): RawServer {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as RawServer;
}
