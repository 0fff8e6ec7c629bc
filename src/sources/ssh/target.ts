import type { Server } from '../../model/configuration/server';
import { endpointOf } from '../../model/configuration/server';
import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import {
  absolutePath,
  expand,
  readSshConfiguration,
  type SshConfiguration,
} from './sshConfiguration';
import { isSafeForShells } from './sshProgram';
import { systemKnownHosts, usualKnownHostsFiles } from './knownHosts';

/** One host to log in to, with all that our configuration and ~/.ssh/config say of it. */
export interface SshTarget {
  /** What a person calls it: the name of the server, or of the jump host. */
  readonly label: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  /** Key of its password (`endpointOf`, or `ssh://user@host:port` of a jump host). */
  readonly endpoint: string;
  /** Named in our own configuration: it must work. */
  readonly privateKey: string | undefined;
  /** Named in ~/.ssh/config. */
  readonly identityFiles: readonly string[];
  /** Named in ~/.ssh/config; if there are none, those beside the keys count. */
  readonly certificateFiles: readonly string[];
  readonly identitiesOnly: boolean;
  readonly agent: string | undefined;
  /** The pinned `SHA256:…` of the host key. */
  readonly fingerprint: string | undefined;
  /** The name under which known_hosts has the host. */
  readonly knownAs: { readonly host: string; readonly port: number };
  readonly knownHostsFiles: readonly string[];
  readonly isJump: boolean;
  /** The command to connect through, for a shell, all its tokens replaced. */
  readonly proxyCommand: string | undefined;
}

interface Wish {
  readonly host: string;
  readonly port: number | undefined;
  readonly username: string | undefined;
  /** The jump hosts that were asked for; undefined: those of ~/.ssh/config. */
  readonly jump: readonly string[] | undefined;
  readonly server: Server | undefined;
}

/** So that hosts that jump through each other come to an end. */
const longestChain = 8;

/** The hosts to log in to, one through the other; the server itself is the last. */
export async function resolveTargets(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<readonly SshTarget[]> {
  return resolve(
    {
      host: server.host,
      port: server.port,
      username: server.username,
      jump: server.jump.length > 0 ? server.jump : undefined,
      server,
    },
    environment,
    0,
    signal,
  );
}

async function resolve(
  wish: Wish,
  environment: Environment,
  depth: number,
  signal: AbortSignal,
): Promise<SshTarget[]> {
  if (depth > longestChain) {
    throw new BackupError('configuration', `The jump hosts of ${wish.host} lead in a circle.`);
  }
  const { host, port, username } = wish;
  const asked = { host, port, user: username };
  const found = await readSshConfiguration(asked, environment, signal);
  const jump = wish.jump ?? found.proxyJump ?? [];
  const target = targetOf(wish, found, environment);
  // A host that is reached through another needs no command.
  const command = wish.jump === undefined && jump.length === 0 ? found.proxyCommand : undefined;
  const proxyCommand = command && commandFor(command, host, target, environment);
  return [...(await resolveJumps(jump, environment, depth, signal)), { ...target, proxyCommand }];
}

/** Throws `configuration` for names that a shell would read otherwise: OpenSSH takes them for no names either. */
function commandFor(
  command: string,
  asked: string,
  { host, port, username }: SshTarget,
  { home, user }: Environment,
): string {
  if (![asked, host].every((name) => isSafeForShells({ host: name, user: username }))) {
    const message = `"${username}@${asked}" cannot be given to the ProxyCommand of the ssh configuration: it has characters that a shell gives a meaning to.`;
    throw new BackupError('configuration', message);
  }
  const tokens = { '%': '%', h: host, n: asked, p: String(port), r: username, d: home, u: user };
  return expand(command, tokens);
}

function targetOf(wish: Wish, found: SshConfiguration, environment: Environment): SshTarget {
  const { server } = wish;
  // What is configured stands in `found` already: it wins there.
  const { hostname: host, port = 22, user: username = environment.user } = found;
  const { home } = environment;
  const agent = found.identityAgent ?? environment.agent;
  const alias = found.hostKeyAlias;
  const files = found.knownHostsFiles;
  return {
    label: server?.name ?? wish.host,
    host,
    port,
    username,
    endpoint: secretKey(wish, username, port),
    privateKey: server?.privateKey && absolutePath(server.privateKey, home),
    identityFiles: found.identityFiles,
    certificateFiles: found.certificateFiles,
    identitiesOnly: found.identitiesOnly,
    agent: agent === 'none' ? undefined : agent,
    fingerprint: server?.fingerprint,
    knownAs: alias === undefined ? { host, port } : { host: alias, port: 22 },
    knownHostsFiles: files ? [...files, systemKnownHosts] : usualKnownHostsFiles(home),
    isJump: server === undefined,
    proxyCommand: undefined,
  };
}

/** What the password of a host is kept under. */
function secretKey({ server, host }: Wish, username: string, port: number): string {
  return server ? endpointOf(server) : `ssh://${username}@${bracketed(host)}:${port}`;
}

/** Only the first hop may have jump hosts of its own: the others are reached through the one before. */
async function resolveJumps(
  jump: readonly string[],
  environment: Environment,
  depth: number,
  signal: AbortSignal,
): Promise<SshTarget[]> {
  const targets: SshTarget[] = [];
  for (const [index, text] of jump.entries()) {
    const hop = parseHop(text);
    const wish = { ...hop, jump: index === 0 ? undefined : [], server: undefined };
    targets.push(...(await resolve(wish, environment, depth + 1, signal)));
  }
  return targets;
}

/** `user@host:port`, `user@[::1]:port` or `ssh://user@host:port`. Throws `configuration`. */
export function parseHop(text: string): Pick<Wish, 'host' | 'port' | 'username'> {
  const form = /^(?:ssh:\/\/)?(?:([^@\s]+)@)?(?:\[([^\]\s]+)\]|([^:@\s/]+))(?::(\d{1,5}))?\/?$/;
  const [, username, address, name, port] = form.exec(text) ?? [];
  const host = address ?? name;
  if (host === undefined || Number(port ?? 22) > 65_535) {
    throw new BackupError('configuration', `The jump host "${text}" is not "user@host:port".`);
  }
  return { host, port: port === undefined ? undefined : Number(port), username };
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

/** `host:port` for people. */
export function addressOf(target: SshTarget): string {
  return `${bracketed(target.host)}:${target.port}`;
}
