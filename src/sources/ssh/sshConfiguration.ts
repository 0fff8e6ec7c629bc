/** What the person's ssh configuration says about a host. */
import { dirname, join } from 'node:path';

import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import type { Asked } from './askedHost';
import { valuesFor, type Values } from './configurationValues';
import { readWithIncludes } from './includes';
import { askSsh } from './sshProgram';

export interface SshConfiguration {
  /** `HostName`, else the name that was asked for. */
  readonly hostname: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  /** Absolute paths, in order. */
  readonly identityFiles: readonly string[];
  readonly identitiesOnly: boolean;
  /** The path of the agent's socket, or `none`. */
  readonly identityAgent: string | undefined;
  /** `user@host:port`, first hop first; empty for `none`. Undefined: not mentioned. */
  readonly proxyJump: readonly string[] | undefined;
  /** Absolute paths of certificates, in order. */
  readonly certificateFiles: readonly string[];
  /** A command that connects, its tokens not yet replaced. */
  readonly proxyCommand: string | undefined;
  /** The name that the key of the host is known by. */
  readonly hostKeyAlias: string | undefined;
  /** Absolute paths; undefined: the usual ones. */
  readonly knownHostsFiles: readonly string[] | undefined;
}

/**
 * What OpenSSH's client makes of ~/.ssh/config and /etc/ssh/ssh_config for a host; where there is none, our
 * own reading of ~/.ssh/config. Throws `configuration` if they cannot be read or are not valid.
 */
export async function readSshConfiguration(
  asked: Asked,
  environment: Environment,
  signal: AbortSignal,
): Promise<SshConfiguration> {
  const { host } = asked;
  if (host.startsWith('-')) {
    throw new BackupError('configuration', `"${host}" is no name of a host: it begins with "-".`);
  }
  const values = await askSsh(asked, environment, signal);
  return values ? interpret(values, asked, environment) : readOwn(asked, environment);
}

/** The file of the system, which comes behind that of the person. */
const systemFile =
  process.platform === 'win32'
    ? join(process.env['PROGRAMDATA'] ?? String.raw`C:\ProgramData`, 'ssh', 'ssh_config')
    : '/etc/ssh/ssh_config';

/**
 * Reads `~/.ssh/config` and the file of the system for a host, as ssh(1) does; missing files say nothing. Two
 * things are left out on purpose, and told to the log where they would have counted: `Match exec` never runs
 * its command, and `CanonicalizeHostname` never asks a name server.
 */
export async function readOwn(
  asked: Asked,
  environment: Environment,
  system = systemFile,
): Promise<SshConfiguration> {
  const { home, user, log } = environment;
  const folder = join(home, '.ssh');
  const own = await readWithIncludes(join(folder, 'config'), { folder, home });
  const shared = await readWithIncludes(system, { folder: dirname(system), home });
  const { values, passedOver } = valuesFor([...own, ...shared], asked, user);
  for (const what of passedOver) {
    const why = 'as OpenSSH\'s client ("ssh") could not be asked';
    log.warn(`${what} of the ssh configuration is passed over for ${asked.host}, ${why}.`);
  }
  return interpret(values, asked, environment);
}

function interpret(values: Values, asked: Asked, environment: Environment): SshConfiguration {
  const user = asked.user ?? first(values, 'user');
  const port = asked.port ?? portOf(first(values, 'port'));
  const hostname = expand(first(values, 'hostname') ?? asked.host, {
    '%': '%',
    n: asked.host,
    h: asked.host,
  });
  const tokens = {
    '%': '%',
    n: asked.host,
    h: hostname,
    d: environment.home,
    u: environment.user,
    r: user ?? environment.user,
    p: String(port ?? 22),
  };
  const path = (text: string): string =>
    absolutePath(expand(withVariables(text), tokens), environment.home);
  const knownHosts = all(values, 'userknownhostsfile');
  return {
    hostname,
    port,
    user,
    identityFiles: [...new Set(all(values, 'identityfile').filter(isNamed).map(path))],
    identitiesOnly: first(values, 'identitiesonly')?.toLowerCase() === 'yes',
    identityAgent: identityAgent(first(values, 'identityagent'), path, environment),
    certificateFiles: [...new Set(all(values, 'certificatefile').filter(isNamed).map(path))],
    proxyJump: jumps(first(values, 'proxyjump'), tokens),
    proxyCommand: [first(values, 'proxycommand')].find((command) => command && isNamed(command)),
    hostKeyAlias: first(values, 'hostkeyalias'),
    knownHostsFiles: knownHosts.length === 0 ? undefined : knownHosts.filter(isNamed).map(path),
  };
}

function identityAgent(
  agent: string | undefined,
  path: (text: string) => string,
  environment: Environment,
): string | undefined {
  if (agent === undefined) return undefined;
  if (!isNamed(agent)) return 'none';
  const usual = ['SSH_AUTH_SOCK', '$SSH_AUTH_SOCK', '${SSH_AUTH_SOCK}'].includes(agent);
  return usual ? environment.agent : path(agent);
}

/** ssh turns them into a ProxyCommand, whose tokens it then replaces: `%r@bastion` is the same account. */
function jumps(value: string | undefined, tokens: Tokens): string[] | undefined {
  if (value === undefined) return undefined;
  return isNamed(value) ? value.split(',').map((hop) => expand(hop.trim(), tokens)) : [];
}

function isNamed(value: string): boolean {
  return value.toLowerCase() !== 'none';
}

function portOf(text: string | undefined): number | undefined {
  const port = Number(text);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

function first(values: Values, name: string): string | undefined {
  return all(values, name)[0];
}

function all(values: Values, name: string): readonly string[] {
  return values[name] ?? [];
}

type Tokens = Readonly<Record<string, string>>;

/** Replaces `%h` and the like. */
export function expand(text: string, tokens: Tokens): string {
  return text.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
}

/** `${NAME}` of the environment, which paths may hold; what is not set stays. */
function withVariables(text: string): string {
  return text.replace(/\$\{(\w+)\}/g, (whole, name: string) => process.env[name] ?? whole);
}

/** `~/` is the home; a relative path starts there too, as unattended runs have no useful folder. */
export function absolutePath(path: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return /^([\\/]|[a-z]:[\\/])/i.test(path) ? path : join(home, path);
}
