import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

import { abortReason, throwIfAborted } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { printable } from '../../model/remotePath';
import type { Environment } from '../environment';
import type { Values } from './configurationValues';
import type { Asked } from './askedHost';

/** Milliseconds: a `Match exec` or a name server that hangs does not hold up a backup for ever. */
const patience = 15_000;
const mostOutput = 1_048_576;

/** What ssh takes for its own errors of a configuration: there, the terminal would fail as well. */
const configurationFault = /line \d+|Bad owner or permissions|terminating|missing argument/i;

/** OpenSSH's client, from an absolute folder of the path: never one that lies in the current folder. */
export function findSsh(): string | undefined {
  const isWindows = process.platform === 'win32';
  const usual = isWindows ? [String.raw`C:\Windows\System32\OpenSSH`] : ['/usr/bin'];
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => isAbsolute(path));
  const name = isWindows ? 'ssh.exe' : 'ssh';
  return [...folders, ...usual]
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));
}

/**
 * Whether OpenSSH would take these from its command line (`valid_hostname` and `valid_ruser` of ssh.c):
 * they come from a file that a stranger may have written, and reach shells by `Match exec` and
 * `ProxyCommand`.
 */
export function isSafeForShells({ host, user = '' }: Asked): boolean {
  const special = /["'`$;&<>|(){}\\\s\x00-\x1f\x7f]/;
  const isHost = host !== '' && !host.startsWith('-') && !special.test(host);
  const isUser = !/^-|["'`;&<>|(){}\x00-\x1f\x7f]|\s-|\\$/.test(user);
  return isHost && isUser;
}

/**
 * What `ssh -G` makes of the person's configuration for a host, and that of the system. Undefined if there
 * is no such program or it cannot say. Throws `configuration` with its words if it finds the files wrong.
 */
export async function askSsh(
  asked: Asked,
  environment: Environment,
  signal: AbortSignal,
): Promise<Values | undefined> {
  throwIfAborted(signal);
  const program = findSsh();
  if (program === undefined || !isSafeForShells(asked)) return undefined;
  const { host, user, port } = asked;
  const options = [
    ...['-G', '-T', ...ownFile(environment)],
    ...(port === undefined ? [] : ['-p', String(port)]),
    ...(user === undefined ? [] : ['-l', user]),
  ];
  // Not the current folder: it may be one of the workspace.
  const settings = { cwd: environment.home, timeout: patience, maxBuffer: mostOutput, signal };
  const { error, output, complaint } = await run(program, [...options, '--', host], settings);
  if (error === undefined) return parse(output, environment.home);
  if (signal.aborted) throw abortReason(signal);
  const told = complaint.trim().replaceAll(/\s*[\r\n]+/g, '; ');
  const said = printable(Buffer.from(told).toString('latin1')).slice(0, 500);
  if (configurationFault.test(complaint)) {
    throw new BackupError('configuration', `ssh does not accept its configuration: ${said}`);
  }
  environment.log.warn(
    `ssh -G gives no answer (${said || messageOf(error)}): ~/.ssh/config is read without it.`,
  );
  return undefined;
}

/** ssh looks for the files itself, by the account and not by $HOME; another home has to be named. */
function ownFile({ home }: Environment): string[] {
  if (home === userInfo().homedir) return [];
  const file = join(home, '.ssh', 'config');
  return ['-F', existsSync(file) ? file : 'none'];
}

interface Ended {
  readonly error: Error | undefined;
  readonly output: string;
  readonly complaint: string;
}

function run(
  program: string,
  args: readonly string[],
  settings: { cwd: string; timeout: number; maxBuffer: number; signal: AbortSignal },
): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { ...settings, windowsHide: true, killSignal: 'SIGKILL' as const };
    const child = execFile(program, args, options, (error, output, complaint) => {
      resolve({ error: error ?? undefined, output, complaint });
    });
    child.stdin?.end();
  });
}

/** In these, ssh has replaced `~` by the home of the account already. */
const expanded = new Set(['userknownhostsfile', 'identityagent']);

function movedHome(path: string, home: string): string {
  const { homedir } = userInfo();
  return home !== homedir && path.startsWith(`${homedir}/`)
    ? `${home}${path.slice(homedir.length)}`
    : path;
}

const lists = new Set(['userknownhostsfile', 'globalknownhostsfile']);

/** A directive a line, in lower case; what is not set has its default. */
function parse(output: string, home: string): Values {
  const values: Record<string, string[]> = {};
  for (const line of output.split(/\r?\n/)) {
    const [, name, text = ''] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const words = lists.has(name.toLowerCase())
      ? text.split(/ (?=[/~%]|[a-z]:[\\/]|none$)/i)
      : [text];
    const moved = expanded.has(name) ? words.map((word) => movedHome(word, home)) : words;
    values[name.toLowerCase()] = [...(values[name.toLowerCase()] ?? []), ...moved];
  }
  return withoutDefaults(values);
}

/** The keys that ssh tries if none is named: they come behind those of the agent. */
const usualKey =
  /^~?.*[\\/]\.ssh[\\/]id_(?:rsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk|xmss|dsa|mldsa\w*)$/;

function withoutDefaults(values: Record<string, string[]>): Values {
  const { user, identityfile = [], userknownhostsfile = [], ...rest } = values;
  const isUsual = identityfile.length >= 4 && identityfile.every((path) => usualKey.test(path));
  const usualHosts = /[\\/]\.ssh[\\/]known_hosts2?$/;
  const hostsAreUsual =
    userknownhostsfile.length === 2 && userknownhostsfile.every((path) => usualHosts.test(path));
  return {
    ...rest,
    ...(user && user[0] !== userInfo().username && { user }),
    ...(!isUsual && { identityfile }),
    ...(!hostsAreUsual && { userknownhostsfile }),
  };
}
