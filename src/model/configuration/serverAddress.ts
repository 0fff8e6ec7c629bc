import type { RawServer } from './schema';

/** What one line says of a server. */
export interface ServerAddress {
  /** `protocol` is left out where the line does not say it. A folder that is named stands in `include`. */
  readonly fields: Omit<RawServer, 'protocol'> & Partial<Pick<RawServer, 'protocol'>>;
  /** Typed into the address. It belongs into no file. */
  readonly password?: string;
}

type Kind = Pick<RawServer, 'protocol' | 'tls' | 'via'>;

const schemes: Readonly<Record<string, Kind>> = {
  sftp: { protocol: 'sftp' },
  ssh: { protocol: 'sftp' },
  scp: { protocol: 'sftp' },
  ftp: { protocol: 'ftp' },
  ftps: { protocol: 'ftps' },
  ftpes: { protocol: 'ftps' },
  rsync: { protocol: 'rsync', via: 'daemon' },
  'rsync+ssh': { protocol: 'rsync' },
};

const usualPorts: Readonly<Record<string, number>> = { sftp: 22, ftp: 21, ftps: 21 };
const implicitPort = 990;

/** `user:password@host:port/path`; the host may be an IPv6 address in brackets. */
const authority =
  /^(?:(?<user>[^@/:]*)(?::(?<password>[^/]*))?@)?(?<host>\[[0-9A-Fa-f:.%]+\]|[^@/:\s[\]]+)(?::(?<port>\d{1,5}))?(?<path>\/.*)?$/;
/** As scp has it: the colon is followed by the path. */
const ofScp = /^(?:(?<user>[^@/:\s]+)@)?(?<host>[^@/:\s[\]]+):(?<path>\/.*)$/;

/**
 * Reads what a person has at hand: an address (`sftp://deploy@www.example.org:2222/var/www`), what scp or
 * rsync take (`deploy@host:/var/www`), a `Host` of the ssh configuration, or a folder of this computer.
 * Whether host, port and user can be is for the configuration's rules to say. Undefined: it is none of these.
 *
 * @param hosts names of the ssh configuration: they are reached over SSH
 */
export function parseServerAddress(
  text: string,
  hosts: readonly string[] = [],
): ServerAddress | undefined {
  const line = text.trim();
  if (localPath.test(line)) return local(line);
  const { name, rest } = withScheme.exec(line)?.groups ?? {};
  if (name === undefined || rest === undefined) return withoutScheme(line, hosts);
  if (name.toLowerCase() === 'file') return local(decoded(rest) ?? '');
  const kind = schemes[name.toLowerCase()];
  const parts = kind && partsOf(authority.exec(rest)?.groups, decoded);
  return parts && located(parts, kind);
}

const localPath = /^(?:\/|[A-Za-z]:[\\/])/;
const withScheme = /^(?<name>[A-Za-z][A-Za-z0-9+]*):\/\/(?<rest>.*)$/;

function withoutScheme(line: string, hosts: readonly string[]): ServerAddress | undefined {
  const asItStands = (text: string): string => text;
  const scp = partsOf(ofScp.exec(line)?.groups, asItStands);
  if (scp) return located(scp, { protocol: 'sftp' });
  const parts = partsOf(authority.exec(line)?.groups, asItStands);
  return parts && located(parts, hosts.includes(parts.host) ? { protocol: 'sftp' } : {});
}

function local(folder: string): ServerAddress | undefined {
  if (!localPath.test(folder)) return undefined;
  return { fields: { protocol: 'local', include: included(folder) } };
}

/** Empty where nothing is said. */
interface Parts {
  readonly user: string;
  readonly password: string;
  readonly host: string;
  readonly port: string;
  readonly path: string;
}

/** @param read undoes `%40`, as it stands in an address with a scheme; undefined: it cannot be read */
function partsOf(
  groups: Readonly<Record<string, string | undefined>> | undefined,
  read: (text: string) => string | undefined,
): Parts | undefined {
  if (!groups) return undefined;
  const user = read(groups['user'] ?? '');
  const password = read(groups['password'] ?? '');
  const path = read(groups['path'] ?? '');
  if (user === undefined || password === undefined || path === undefined) return undefined;
  const host = (groups['host'] ?? '').replaceAll(/[[\]]/g, '');
  return { user, password, host, port: groups['port'] ?? '', path };
}

function located(
  { user, password, host, port, path }: Parts,
  kind: Partial<Kind>,
): ServerAddress | undefined {
  const fields = {
    ...withPort(kind, port === '' ? undefined : Number(port)),
    host,
    ...(user !== '' && { username: user }),
    include: included(path),
  };
  return { fields, ...(password !== '' && { password }) };
}

/** The usual port says nothing, but that 990 is the one of implicit TLS. */
function withPort(kind: Partial<Kind>, port: number | undefined) {
  const { protocol } = kind;
  if (protocol === 'ftps' && port === implicitPort) return { ...kind, tls: 'implicit' as const };
  const isUsual = port === undefined || port === usualPorts[protocol ?? ''];
  return isUsual ? kind : { ...kind, port };
}

/** The root is left out: there is more on a server than a person wants. */
function included(folder: string): string[] {
  const path = withoutSlash(folder);
  return path === '' ? [] : [path];
}

function withoutSlash(path: string): string {
  return path.replace(/\/+$/, '');
}

/** Undefined: what stands behind a `%` is no byte, or the bytes are no text. */
function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
