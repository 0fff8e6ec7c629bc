import type { Server } from '../../model/configuration/server';
import { endpointOf } from '../../model/configuration/server';
import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import { absolutePath, readSshConfiguration } from './sshConfiguration';
import { usualKnownHostsFiles } from './knownHosts';

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
  readonly identitiesOnly: boolean;
  readonly agent: string | undefined;
  /** The pinned `SHA256:…` of the host key. */
  readonly fingerprint: string | undefined;
  /** The name under which known_hosts has the host. */
  readonly knownAs: { readonly host: string; readonly port: number };
  readonly knownHostsFiles: readonly string[];
  readonly isJump: boolean;
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
  );
}

async function resolve(wish: Wish, environment: Environment, depth: number): Promise<SshTarget[]> {
  if (depth > longestChain) {
    throw new BackupError('configuration', `The jump hosts of ${wish.host} lead in a circle.`);
  }
  const { host, port, username, server } = wish;
  const found = await readSshConfiguration({ host, port, user: username }, environment);
  const jump = wish.jump ?? found.proxyJump ?? [];
  if (jump.length === 0 && found.proxyCommand !== undefined) {
    environment.log.warn(
      `~/.ssh/config has a ProxyCommand for ${host}, which is not run: configure "jump" instead.`,
    );
  }
  const user = username ?? found.user ?? environment.user;
  const own = port ?? found.port ?? 22;
  const target: SshTarget = {
    label: server?.name ?? host,
    host: found.hostname,
    port: own,
    username: user,
    endpoint: server ? endpointOf(server) : `ssh://${user}@${bracketed(host)}:${own}`,
    privateKey:
      server?.privateKey === undefined
        ? undefined
        : absolutePath(server.privateKey, environment.home),
    identityFiles: found.identityFiles,
    identitiesOnly: found.identitiesOnly,
    agent: found.identityAgent === 'none' ? undefined : (found.identityAgent ?? environment.agent),
    fingerprint: server?.fingerprint,
    knownAs: found.hostKeyAlias
      ? { host: found.hostKeyAlias, port: 22 }
      : { host: found.hostname, port: own },
    knownHostsFiles: [
      ...(found.knownHostsFiles ?? usualKnownHostsFiles(environment.home)),
      ...(found.knownHostsFiles ? ['/etc/ssh/ssh_known_hosts'] : []),
    ],
    isJump: server === undefined,
  };
  return [...(await resolveJumps(jump, environment, depth)), target];
}

/** Only the first hop may have jump hosts of its own: the others are reached through the one before. */
async function resolveJumps(
  jump: readonly string[],
  environment: Environment,
  depth: number,
): Promise<SshTarget[]> {
  const targets: SshTarget[] = [];
  for (const [index, text] of jump.entries()) {
    const hop = parseHop(text);
    const wish = { ...hop, jump: index === 0 ? undefined : [], server: undefined };
    targets.push(...(await resolve(wish, environment, depth + 1)));
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
