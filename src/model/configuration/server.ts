import type { Amount } from '../amount';
import type { RereadPeriod } from '../reread';
import type { Bandwidth } from './bandwidth';
import type { Copy } from './copy';
import type { Reporting } from './reporting';
import type { RawServer } from './schema';

export type Protocol = RawServer['protocol'];
export type LinkPolicy = 'record' | 'follow' | 'skip';

/** Commands that the server runs over ssh, before and after a backup. */
export interface Hooks {
  readonly before?: string;
  readonly after?: string;
  /** Milliseconds that each may take. */
  readonly timeout: number;
}

/** A configured server with every default filled in. */
export interface Server {
  readonly name: string;
  readonly protocol: Protocol;
  /** Empty for `local`. For sftp and rsync it may be a Host alias of ~/.ssh/config. */
  readonly host: string;
  /** As configured; absent: ~/.ssh/config or the protocol decides. */
  readonly port?: number;
  readonly username?: string;
  /** May start with `~/`. */
  readonly privateKey?: string;
  readonly jump: readonly string[];
  readonly tls: 'explicit' | 'implicit';
  /** Absolute path of a PEM file. */
  readonly ca?: string;
  /** ftps: the name that the certificate is expected to bear; absent: the host's. */
  readonly certificateName?: string;
  /** ftps: what we show to a server that asks for it, as absolute paths of PEM files. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  readonly fingerprint?: string;
  /** ftps: `SHA256:…` of the public key of the pinned certificate. */
  readonly keyFingerprint?: string;
  readonly via: 'ssh' | 'daemon';
  readonly encoding: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly links: LinkPolicy;
  readonly connections: number;
  /** Milliseconds. */
  readonly timeout: number;
  readonly bandwidth?: Bandwidth;
  readonly hooks?: Hooks;
  /** How much of the store is read again after each complete run; absent: nothing. */
  readonly verify?: Amount;
  /** How often all content is compared with the server; absent: only when it is asked for. */
  readonly reread?: RereadPeriod;
  /** Whether commands of ours may be run on the server to compute digests. */
  readonly shell?: boolean;
  /** Who is told how a run went; absent: nobody. */
  readonly report?: Reporting;
  /** Where its snapshots are copied to. */
  readonly copies?: readonly Copy[];
  /** What scheduling and retention go by, as written. */
  readonly unattended?: Pick<RawServer, 'schedule' | 'timeZone' | 'keep' | 'guard'>;
}

const protocolPort = { sftp: 22, ftp: 21, ftps: 21, rsync: 22, local: 0 } as const;

/** Whether there is an ssh login, which can do more than transfer files. */
export function hasShell({ protocol, via }: Pick<Server, 'protocol' | 'via'>): boolean {
  return protocol === 'sftp' || (protocol === 'rsync' && via === 'ssh');
}

/** The port that is used where neither the configuration nor ~/.ssh/config names one. */
export function defaultPort(server: Server): number {
  if (server.protocol === 'ftps' && server.tls === 'implicit') return 990;
  if (server.protocol === 'rsync' && server.via === 'daemon') return 873;
  return protocolPort[server.protocol];
}

/**
 * The endpoint: `sftp://deploy@www.example.org:22`. Key of its secrets, so that a server that is
 * renamed to another host never obtains the former host's password.
 */
export function endpointOf(server: Server): string {
  if (server.protocol === 'local') return 'local://';
  const user = server.username === undefined ? '' : `${encodeURIComponent(server.username)}@`;
  const host = server.host.includes(':') ? `[${server.host}]` : server.host;
  return `${server.protocol}://${user}${host}:${server.port ?? defaultPort(server)}`;
}
