import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { readOwn } from '../../src/sources/ssh/sshConfiguration';
import { parseHop, resolveTargets } from '../../src/sources/ssh/target';
import { never, serverAt, Setting } from './setting';

let setting: Setting;
beforeEach(() => (setting = new Setting()));
afterEach(() => setting[Symbol.asyncDispose]());

async function read(config: string, host = 'web', user?: string) {
  setting.write('config', config);
  const found = await readOwn({ host, user }, setting.environment);
  // Absolute paths begin with a home that is another one each time.
  return JSON.parse(JSON.stringify(found).replaceAll(setting.home, '~')) as typeof found;
}

describe('what ~/.ssh/config says', () => {
  test.each([
    ['nothing', '', { hostname: 'web', identityFiles: [], identitiesOnly: false }],
    [
      'an alias',
      'Host web\n HostName www.example.org\n Port 2222\n User me',
      { hostname: 'www.example.org', port: 2222, user: 'me' },
    ],
    ['several on a line', 'Host db web mail\n User me', { user: 'me' }],
    ['a wildcard', 'Host w*\n User me', { user: 'me' }],
    ['one character', 'Host we?\n User me', { user: 'me' }],
    ['a negation', 'Host * !web\n User me\nHost *\n User you', { user: 'you' }],
    [
      'the first value counts',
      'Host web\n User first\nHost *\n User second\n Port 7',
      { user: 'first', port: 7 },
    ],
    ['keywords in any case, with =', 'host web\n USER=me\n pOrT = 7', { user: 'me', port: 7 }],
    ['quotes', 'Host "web"\n IdentityFile "~/my keys/id"', { identityFiles: ['~/my keys/id'] }],
    ['values before the first host', 'User me\nHost other\n User you', { user: 'me' }],
    [
      'tokens',
      'Host web\n HostName %h.example.org\n User me\n IdentityFile %d/keys/%u-%r-%h',
      { hostname: 'web.example.org', identityFiles: ['~/keys/nobody-me-web.example.org'] },
    ],
    [
      'several identities',
      'Host web\n IdentityFile ~/a\nHost *\n IdentityFile ~/b\n IdentitiesOnly yes',
      { identityFiles: ['~/a', '~/b'], identitiesOnly: true },
    ],
    ['no identity', 'IdentityFile none', { identityFiles: [] }],
    ['an agent', 'IdentityAgent ~/agent.sock', { identityAgent: '~/agent.sock' }],
    ['no agent', 'IdentityAgent none', { identityAgent: 'none' }],
    ['a jump', 'ProxyJump a@b:1, c', { proxyJump: ['a@b:1', 'c'] }],
    ['no jump', 'Host web\n ProxyJump none\nHost *\n ProxyJump b', { proxyJump: [] }],
    [
      'known_hosts files',
      'UserKnownHostsFile ~/.ssh/one /etc/two',
      { knownHostsFiles: ['~/.ssh/one', '/etc/two'] },
    ],
    ['an alias of the key', 'HostKeyAlias other', { hostKeyAlias: 'other' }],
    ['Match host', 'Match host web\n User me', { user: 'me' }],
    [
      'Match host by HostName',
      'Host web\n HostName x.org\nMatch host x.org\n User me',
      { user: 'me' },
    ],
    ['Match user', 'Match user root\n Port 7', {}],
    ['comments', '# Host web\nHost web # mine\n User me # you', { user: 'me' }],
    ['a command that is not run', 'ProxyCommand nc %h %p', { proxyCommand: 'nc %h %p' }],
  ])('%s', async (_what, config, expected) => {
    expect(await read(config)).toMatchObject(expected);
  });

  test('the account that is configured wins and is matched', async () => {
    const config = 'Match user root\n Port 7\nHost *\n User you';
    expect(await read(config, 'web', 'root')).toMatchObject({ user: 'root', port: 7 });
  });
});

describe('commands are never run', () => {
  test.each([
    ['Match exec', (file: string) => `Match exec "touch ${file}"\n User me\n`],
    ['Match host and exec', (file: string) => `Match host web exec "touch ${file}"\n User me\n`],
    ['Match !exec', (file: string) => `Match !exec "touch ${file}"\n User me\n`],
    ['in an included file', (file: string) => `Host web\n Include inner\n#${file}`],
  ])('%s', async (_what, config) => {
    const file = join(setting.home, 'was-run');
    setting.write('inner', `Match exec "touch ${file}"\n User me\n`);
    expect((await read(config(file))).user).toBeUndefined();
    expect(existsSync(file)).toBe(false);
  });

  test('CanonicalizeHostname asks no name server', async () => {
    const config = 'Host web\n CanonicalizeHostname yes\n CanonicalDomains a.test b.test\n User me';
    const path = process.env['PATH'];
    // With no programs in reach nslookup would fail loudly or be found to be missing.
    process.env['PATH'] = '/nowhere';
    try {
      expect(await read(config)).toMatchObject({ hostname: 'web', user: 'me' });
    } finally {
      process.env['PATH'] = path;
    }
  });
});

describe('Include', () => {
  test.each([
    ['a file of ~/.ssh', 'Include extra', 'inner'],
    ['a path in the home', 'Include ~/.ssh/extra', 'inner'],
    ['wildcards, in order', 'Include conf.d/*.conf', 'first'],
    ['in a block that holds', 'Host web\n Include extra', 'inner'],
    ['in a block that does not hold', 'Host other\n Include extra\nHost *\n User outer', 'outer'],
    ['in a Match block that holds', 'Match host web\n Include extra', 'inner'],
    [
      'in a Match block that does not',
      'Match host db\n Include extra\nHost *\n User outer',
      'outer',
    ],
    ['after a value of the block', 'Host web\n User outer\n Include extra', 'outer'],
    ['before a value of the block', 'Host web\n Include extra\n User outer', 'inner'],
    ['of what is not there', 'Include missing missing/* conf.d\nUser outer', 'outer'],
    ['blocks of an included file end with it', 'Include blocks\nUser outer', 'outer'],
    ['included blocks for this host', 'Host *\n Include blocks-of-web', 'inner'],
  ])('%s', async (_what, config, user) => {
    mkdirSync(join(setting.home, '.ssh', 'conf.d'));
    setting.write('extra', 'User inner\n');
    setting.write('blocks', 'Host db\n User inner\n');
    setting.write('blocks-of-web', 'Host db\n User db\nHost web\n User inner\n');
    setting.write('conf.d/a.conf', 'Host web\n User first\n');
    setting.write('conf.d/b.conf', 'Host web\n User second\n');
    setting.write('conf.d/.c.conf', 'Host web\n User hidden\n');
    expect((await read(config)).user).toBe(user);
  });

  test('a circle comes to an end', async () => {
    await expect(read('Include config')).rejects.toMatchObject({ kind: 'configuration' });
  });

  test('a file that is not valid is named', async () => {
    await expect(read('IdentityFile "x\n')).rejects.toMatchObject({
      kind: 'configuration',
      message: expect.stringContaining('.ssh/config') as string,
    });
  });
});

describe('where to log in', () => {
  const { port: _port, username: _username, ...bare } = serverAt(0);

  test('our own configuration wins', async () => {
    setting.write('config', 'Host web\n HostName a.org\n Port 7\n User you\n ProxyJump b.org\n');
    const [, target] = await resolveTargets({ ...bare, host: 'web' }, setting.environment, never);
    expect(target).toMatchObject({ host: 'a.org', port: 7, username: 'you', label: 'web' });
    const server = { ...serverAt(8), host: 'web', username: 'me', jump: ['c.org'] };
    const targets = await resolveTargets(server, setting.environment, never);
    expect(targets).toMatchObject([{ host: 'c.org' }, { host: 'a.org', port: 8, username: 'me' }]);
  });

  test('jump hosts have aliases, accounts and jump hosts of their own', async () => {
    setting.write(
      'config',
      'Host inner\n HostName 10.0.0.1\n ProxyJump ops@middle:2201\nHost middle\n HostName m.org\n ProxyJump outer\n User no\n',
    );
    const targets = await resolveTargets({ ...bare, host: 'inner' }, setting.environment, never);
    expect(targets).toMatchObject([
      { host: 'outer', username: 'nobody', port: 22, endpoint: 'ssh://nobody@outer:22' },
      { host: 'm.org', username: 'ops', port: 2201, endpoint: 'ssh://ops@middle:2201' },
      { host: '10.0.0.1', endpoint: 'sftp://inner:22' },
    ]);
    expect(targets.map(({ isJump }) => isJump)).toEqual([true, true, false]);
  });

  test('jump hosts in a circle are a fault', async () => {
    setting.write('config', 'Host a\n ProxyJump b\nHost b\n ProxyJump a\n');
    const server = { ...bare, host: 'a' };
    await expect(resolveTargets(server, setting.environment, never)).rejects.toMatchObject({
      kind: 'configuration',
    });
  });

  test.each([
    ['host', { host: 'host', port: undefined, username: undefined }],
    ['me@host:2222', { host: 'host', port: 2222, username: 'me' }],
    ['me@[::1]:22', { host: '::1', port: 22, username: 'me' }],
    ['ssh://me@host:22', { host: 'host', port: 22, username: 'me' }],
  ])('the jump host %s', (text, expected) => expect(parseHop(text)).toEqual(expected));

  test.each(['', 'a b', 'host:port', 'host:99999', '@host', 'a@b@c'])(
    'no jump host: %j',
    (text) => {
      expect(() => parseHop(text)).toThrow('is not "user@host:port"');
    },
  );
});
