/**
 * What ~/.ssh/config says about a host. Read the way ssh(1) reads it, with two things left out on
 * purpose, as a backup runs unattended: `Match exec` never runs its command, and
 * `CanonicalizeHostname` never asks a name server.
 */
import { join } from 'node:path';

import SSHConfig from 'ssh-config';

import type { Environment } from '../environment';
import { readWithIncludes } from './includes';

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
  /** A command that ssh would connect through. We run no commands, but can say so. */
  readonly proxyCommand: string | undefined;
  /** The name that the key of the host is known by. */
  readonly hostKeyAlias: string | undefined;
  /** Absolute paths; undefined: the usual ones. */
  readonly knownHostsFiles: readonly string[] | undefined;
}

/** Known before the configuration is read, so that `Match user` and the tokens see it. */
export interface Asked {
  readonly host: string;
  readonly user?: string | undefined;
  readonly port?: number | undefined;
}

type Values = Record<string, string | string[]>;

/**
 * Reads `~/.ssh/config` for a host; a missing file says nothing. Throws `configuration` if it cannot
 * be read or is not valid.
 */
export async function readSshConfiguration(
  asked: Asked,
  environment: Environment,
): Promise<SshConfiguration> {
  const folder = join(environment.home, '.ssh');
  const compute = (lines: readonly SSHConfig[number][]): Values => computed(lines, asked);
  const marker = 'SauvegardeIncludeHolds';
  const lines = await readWithIncludes(join(folder, 'config'), {
    folder,
    home: environment.home,
    active: (sections) => marker.toLowerCase() in compute(marked(sections, marker)),
  });
  return interpret(compute(lines), asked, environment);
}

function computed(lines: readonly SSHConfig[number][], asked: Asked): Values {
  const config = new SSHConfig();
  for (const line of lines) config.push(withoutCanonicalization(line));
  const match = { Host: asked.host, ...(asked.user === undefined ? {} : { User: asked.user }) };
  return config.compute(match, { matchExec: false, ignoreCase: true });
}

/** ssh-config calls nslookup for `CanonicalizeHostname`, so the directive is taken out. */
function withoutCanonicalization(line: SSHConfig[number]): SSHConfig[number] {
  if (!('config' in line)) return line;
  const config = new SSHConfig();
  for (const inner of line.config) {
    if (!('param' in inner) || !/^canonicalizehostname$/i.test(inner.param)) config.push(inner);
  }
  return { ...line, config };
}

/** The same lines with a directive in the last section that shows whether the section holds. */
function marked(lines: readonly SSHConfig[number][], marker: string): SSHConfig[number][] {
  const last = lines.at(-1);
  if (!last || !('config' in last)) return [...lines];
  const config = SSHConfig.parse(`${marker} yes\n`);
  return [...lines.slice(0, -1), { ...last, config }];
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
  const path = (text: string): string => absolutePath(expand(text, tokens), environment.home);
  const knownHosts = all(values, 'userknownhostsfile');
  return {
    hostname,
    port,
    user,
    identityFiles: [...new Set(all(values, 'identityfile').filter(isNamed).map(path))],
    identitiesOnly: first(values, 'identitiesonly')?.toLowerCase() === 'yes',
    identityAgent: identityAgent(first(values, 'identityagent'), path, environment),
    proxyJump: jumps(first(values, 'proxyjump')),
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

function jumps(value: string | undefined): string[] | undefined {
  if (value === undefined) return undefined;
  return isNamed(value) ? value.split(',').map((hop) => hop.trim()) : [];
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

function all(values: Values, name: string): string[] {
  const value = values[name];
  return value === undefined ? [] : Array.isArray(value) ? value : [value];
}

function expand(text: string, tokens: Readonly<Record<string, string>>): string {
  return text.replace(/%(.)/g, (whole, token: string) => tokens[token] ?? whole);
}

/** `~/` is the home; a relative path starts there too, as unattended runs have no useful folder. */
export function absolutePath(path: string, home: string): string {
  if (path === '~' || path.startsWith('~/')) return join(home, path.slice(1));
  return /^([\\/]|[a-z]:[\\/])/i.test(path) ? path : join(home, path);
}
