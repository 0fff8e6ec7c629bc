import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { silentLog } from '../../src/base/log';
import type { Asked } from '../../src/sources/ssh/askedHost';
import {
  readOwn,
  readSshConfiguration,
  type SshConfiguration,
} from '../../src/sources/ssh/sshConfiguration';
import { resolveTargets } from '../../src/sources/ssh/target';
import { never, serverAt, Setting } from './setting';

let setting: Setting;
beforeEach(() => (setting = new Setting()));
afterEach(() => setting[Symbol.asyncDispose]());

const account = userInfo().username;

/** Every value that counts, with the defaults filled in, so that two readings can be compared. */
function figures(found: SshConfiguration): object {
  return {
    ...found,
    port: found.port ?? 22,
    user: found.user ?? account,
    proxyJump: found.proxyJump ?? [],
    proxyCommand: found.proxyCommand ?? 'none',
    knownHostsFiles: found.knownHostsFiles ?? 'usual',
  };
}

/** The lines of `ssh -G`, read as plainly as can be. */
function lines(asked: Asked): (name: string) => string[] {
  const output = execFileSync(
    'ssh',
    [
      ...['-G', '-T', '-F', join(setting.home, '.ssh', 'config')],
      ...(asked.user === undefined ? [] : ['-l', asked.user]),
      ...(asked.port === undefined ? [] : ['-p', String(asked.port)]),
      asked.host,
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  ).toString();
  return (name) =>
    output
      .split('\n')
      .filter((line) => line.startsWith(`${name} `))
      .map((line) => line.slice(name.length + 1));
}

const names = fc.constantFrom('web', 'web2', 'db', 'db.example.org', 'web.example.org', 'bastion');
const patterns = fc.constantFrom('web', 'w*', 'we?', '*', 'db*', '*.example.org', 'd?', 'x');
const users = fc.constantFrom('me', 'you', 'root', account);
const patternList = fc
  .array(fc.tuple(fc.boolean(), patterns), { minLength: 1, maxLength: 3 })
  .map((list) => list.map(([not, pattern]) => (not ? '!' : '') + pattern));
const userList = fc
  .array(fc.tuple(fc.boolean(), fc.constantFrom('me', 'm*', 'you', '*', account)), {
    minLength: 1,
    maxLength: 2,
  })
  .map((list) => list.map(([not, pattern]) => (not ? '!' : '') + pattern).join(','));
const criterion = fc.oneof(
  fc.tuple(
    fc.constantFrom('host', 'originalhost'),
    patternList.map((list) => list.join(',')),
  ),
  fc.tuple(fc.constantFrom('user', 'localuser'), userList),
  fc.tuple(fc.constant('exec'), fc.constantFrom('true', 'false', '"test %h = web"')),
);
const match = fc.oneof(
  fc.constantFrom('Match all', 'Match final', 'Match canonical', 'Match final all'),
  fc
    .array(fc.tuple(fc.boolean(), criterion), { minLength: 1, maxLength: 3 })
    .map(
      (all) =>
        `Match ${all.map(([not, [name, list]]) => `${not ? '!' : ''}${name} ${list}`).join(' ')}`,
    ),
  fc
    .tuple(fc.boolean(), criterion)
    .map(([not, [name, list]]) => `Match final ${not ? '!' : ''}${name} ${list}`),
);
const section = fc.oneof(
  patternList.map((list) => `Host ${list.join(' ')}`),
  match,
);
const directive = fc.oneof(
  fc
    .constantFrom('%h', '%h.example.org', 'www.example.org', '10.0.0.1')
    .map((to) => `HostName ${to}`),
  users.map((user) => `User ${user}`),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `Port ${port}`),
  fc
    .constantFrom('/k/a', '/k/%h', '/k/%r-%n', '/k/%%', '%d/b', '"/k/with blank"', 'none')
    .map((path) => `IdentityFile ${path}`),
  fc.constantFrom('/c/a-cert.pub', '/c/%r').map((path) => `CertificateFile ${path}`),
  fc.constantFrom('yes', 'no').map((on) => `IdentitiesOnly ${on}`),
  fc.constantFrom('/run/agent', 'none', 'SSH_AUTH_SOCK').map((path) => `IdentityAgent ${path}`),
  fc
    .constantFrom('none', 'a@b:1', '%r@bastion', '%r@%n-gate:24,inner', 'ops@[::1]:2')
    .map((jump) => `ProxyJump ${jump}`),
  fc
    .constantFrom('none', 'nc %h %p', 'sh -c "nc %h %p"', 'connect -u %r %h:%p')
    .map((command) => `ProxyCommand ${command}`),
  fc.constantFrom('other', 'alias.example.org').map((alias) => `HostKeyAlias ${alias}`),
  fc.constantFrom('/h/one', '/h/one /h/two', 'none').map((files) => `UserKnownHostsFile ${files}`),
);
const spelt = fc.tuple(directive, fc.constantFrom('as it is', 'lower', '=')).map(([line, how]) => {
  if (how === 'lower') return line.replace(/^\w+/, (word) => word.toLowerCase());
  return how === '=' ? line.replace(/^(\w+) /, '$1=') : line;
});
/** A file; `HOME` is to be replaced. */
const fileOf = (line: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.array(line, { maxLength: 2 }),
      fc.array(fc.tuple(section, fc.array(line, { minLength: 1, maxLength: 4 })), {
        maxLength: 5,
      }),
    )
    .map(([first, sections]) =>
      [...first, ...sections.flatMap(([head, body]) => [head, ...body.map((text) => `  ${text}`)])]
        .join('\n')
        .concat('\n'),
    );
const include = fc
  .constantFrom(
    'part-a',
    'part-?',
    'part-*',
    'part-[ab]',
    'part-[!a]',
    'gone',
    'part-b HOME/.ssh/part-a',
  )
  .map((name) => `Include HOME/.ssh/${name}`);
const withIncludes = fc.oneof({ arbitrary: spelt, weight: 6 }, { arbitrary: include, weight: 1 });
const files = fc.record({
  own: fileOf(withIncludes),
  system: fileOf(withIncludes),
  'part-a': fileOf(spelt),
  'part-b': fileOf(spelt),
});
/** What ssh reads in the place of its two files. */
const both = 'Include HOME/.ssh/own\nInclude HOME/.ssh/system\n';
/** A command that is never right, as none is for us. */
const withoutCommands = (text: string): string =>
  text.replaceAll(/!?exec (?:"[^"]*"|\S+)/g, 'exec false');
const asking = fc.record({
  host: names,
  user: fc.option(users, { nil: undefined }),
  port: fc.option(fc.integer({ min: 1, max: 65_535 }), { nil: undefined }),
});

test('two hundred files: what ssh -G says, and our own reading of the same', async () => {
  const warnings: string[] = [];
  const log = { ...silentLog, warn: (text: string) => void warnings.push(text) };
  const environment = { ...setting.environment, user: account, log };
  const write = (name: string, text: string): void =>
    setting.write(name, text.replaceAll('HOME', setting.home));
  let differing = 0;
  await fc.assert(
    fc.asyncProperty(files, asking, async (texts, asked) => {
      const named = Object.entries(texts);
      const bySsh = (): Promise<SshConfiguration> => {
        write('config', both);
        return readSshConfiguration(asked, environment, never);
      };
      for (const [name, text] of named) write(name, text);
      const found = await bySsh();
      const told = lines(asked);
      expect(found.hostname).toBe(told('hostname')[0]);
      expect(String(found.port)).toBe(told('port')[0]);
      expect(found.user ?? account).toBe(told('user')[0]);
      expect(found.identitiesOnly ? 'yes' : 'no').toBe(told('identitiesonly')[0]);
      expect(found.hostKeyAlias).toBe(told('hostkeyalias')[0]);

      warnings.length = 0;
      write('config', texts.own);
      const ours = figures(await readOwn(asked, environment, `${setting.home}/.ssh/system`));
      for (const [name, text] of named) write(name, withoutCommands(text));
      expect(ours).toEqual(figures(await bySsh()));
      // Where a command would have decided, that is said.
      if (JSON.stringify(ours) === JSON.stringify(figures(found))) return;
      differing += 1;
      expect(warnings.join()).toContain('Match exec of the ssh configuration is passed over');
    }),
    { numRuns: 200, seed: 20_261_128 },
  );
  expect(differing).toBeGreaterThan(0);
});

describe('with the program', () => {
  const read = (text: string, asked: Asked = { host: 'web' }): Promise<SshConfiguration> => {
    setting.write('config', text);
    return readSshConfiguration(asked, setting.environment, never);
  };

  test('Match exec is run as the terminal would, and not in the folder of the workspace', async () => {
    setting.write('where', `test "$PWD" != ${process.cwd()}\n`);
    const where = `Match exec "sh ${setting.home}/.ssh/where"\n User me`;
    expect(await read(where)).toMatchObject({ user: 'me' });
    expect(await read('Match exec false\n User me')).toMatchObject({ user: undefined });
    expect(await read('Match !exec false\n User me')).toMatchObject({ user: 'me' });
  });

  test('names and accounts that a shell would read otherwise never reach one', async () => {
    const trap = join(setting.home, 'trap');
    const text = `Match exec "true %h %r; true"\n User me`;
    for (const host of [`a;touch ${trap}`, `a$(touch ${trap})`, 'a`touch ' + trap + '`', 'a b']) {
      await read(text, { host });
    }
    for (const user of [
      `x;touch ${trap}`,
      `x|touch ${trap}`,
      `$(touch ${trap})`,
      `-oProxyCommand=touch ${trap}`,
    ]) {
      await read(text, { host: 'web', user });
    }
    await expect(read('', { host: `-oProxyCommand=touch ${trap}` })).rejects.toMatchObject({
      kind: 'configuration',
    });
    expect(existsSync(trap)).toBe(false);
  });

  test('what ssh does not accept is said in its words', async () => {
    await expect(read('Host web\n Prot 22')).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringMatching(/line 2: Bad configuration option: prot/) as string,
    });
  });

  test('a command that hangs is ended with the run', async () => {
    setting.write('config', 'Match exec "sleep 600"\n User me');
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    await expect(
      readSshConfiguration({ host: 'web' }, setting.environment, stop.signal),
    ).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('the same account on the jump host', async () => {
    setting.write('config', 'Host web\n User me\n ProxyJump %r@gate:24');
    const server = { ...serverAt(22, { host: 'web' }), username: undefined, port: undefined };
    const [gate, web] = await resolveTargets(server as never, setting.environment, never);
    expect(gate).toMatchObject({ username: 'me', host: 'gate', port: 24 });
    expect(web).toMatchObject({ username: 'me', host: 'web' });
  });
});
