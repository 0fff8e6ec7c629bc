import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Server } from '../../src/model/configuration/server';
import { openSshSession } from '../../src/sources/ssh/login';
import { startOpenssh, type KeyOptions, type KeyType, type Openssh } from '../servers/openssh';
import { Agent } from './agent';
import { never, serverAt, Setting } from './setting';

let server: Openssh;
let setting: Setting;
beforeAll(async () => {
  server = await startOpenssh();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  setting = new Setting();
  setting.write('known_hosts', server.knownHostsLine());
});
afterEach(() => setting[Symbol.asyncDispose]());

const endpoint = (of: Openssh = server): string => `sftp://sauvegarde-test@127.0.0.1:${of.port}`;

async function logIn(more: Partial<Server> = {}, to: Openssh = server): Promise<void> {
  const session = await openSshSession(serverAt(to.port, more), setting.environment, never);
  const channel = await session.exec('true', never);
  channel.resume();
  await session[Symbol.asyncDispose]();
}

describe('passwords', () => {
  test('the right one', async () => {
    setting.credentials.passwords.set(endpoint(), server.account.password);
    await logIn();
    expect(setting.credentials.asked).toEqual([endpoint()]);
  });

  test('a wrong one, which no message shows', async () => {
    setting.credentials.passwords.set(endpoint(), 'wrong-horse');
    await expect(logIn()).rejects.toMatchObject({
      kind: 'authentication',
      scope: 'run',
      message: expect.not.stringContaining('wrong-horse') as string,
    });
  });

  test('none stored', async () => {
    await expect(logIn()).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining(`no password is stored for ${endpoint()}`) as string,
    });
  });

  test('none is fetched where only keys are accepted', async () => {
    await using strict = await startOpenssh({ password: false });
    setting.write('known_hosts', strict.knownHostsLine());
    setting.credentials.passwords.set(endpoint(strict), strict.account.password);
    await expect(logIn({}, strict)).rejects.toMatchObject({ kind: 'authentication' });
    expect(setting.credentials.asked).toEqual([]);
  });
});

describe('key files', () => {
  const types: KeyType[] = ['ed25519', 'ecdsa', 'rsa'];
  const kinds: KeyOptions[] = [
    ...types.map((type) => ({ type })),
    ...types.map((type) => ({ type, passphrase: 'open sesame' })),
    { type: 'rsa', format: 'PEM' },
    { type: 'ecdsa', format: 'PEM' },
    { type: 'rsa', format: 'PEM', passphrase: 'open sesame' },
    { type: 'ecdsa', format: 'PEM', passphrase: 'open sesame' },
    { type: 'rsa', format: 'PKCS8' },
    { type: 'ecdsa', format: 'PKCS8', passphrase: 'open sesame' },
  ];

  test.each(kinds)('%o', async (options) => {
    const privateKey = server.writeKey(options);
    if (options.passphrase) setting.credentials.passphrases.set(privateKey, options.passphrase);
    await logIn({ privateKey });
    // A passphrase is asked for only if there is one.
    expect(setting.credentials.asked).toEqual(options.passphrase ? [privateKey] : []);
  });

  test.each(['openssh', 'PEM', 'PKCS8'] as const)('a wrong passphrase (%s)', async (format) => {
    const privateKey = server.writeKey({ type: 'rsa', format, passphrase: 'open sesame' });
    setting.credentials.passphrases.set(privateKey, 'close sesame');
    await expect(logIn({ privateKey })).rejects.toMatchObject({
      kind: 'authentication',
      message: `The passphrase of the key ${privateKey} is wrong.`,
    });
  });

  test('no passphrase', async () => {
    const privateKey = server.writeKey({ passphrase: 'open sesame' });
    await expect(logIn({ privateKey })).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining(privateKey) as string,
    });
  });

  test('one that the server does not know, then the password', async () => {
    const privateKey = server.writeKey({ authorised: false });
    await expect(logIn({ privateKey })).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining(`It refused: key ${privateKey}`) as string,
    });
    setting.credentials.passwords.set(endpoint(), server.account.password);
    await logIn({ privateKey });
  });

  test.each([
    ['a missing file', undefined, 'does not exist'],
    ['PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\n', 'puttygen'],
    ['a text', 'hello\n', 'is not a private key'],
    ['a public key', 'ssh-ed25519 AAAA test\n', 'is a public key'],
    [
      'a damaged key',
      '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n',
      'not supported',
    ],
  ])('%s', async (_what, content, message) => {
    const privateKey = join(setting.home, 'key');
    if (content !== undefined) writeFileSync(privateKey, content);
    setting.credentials.passwords.set(endpoint(), server.account.password);
    await expect(logIn({ privateKey })).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining(message) as string,
    });
  });

  test('the path may start with ~/', async () => {
    copyFileSync(server.writeKey(), join(setting.home, 'key'));
    await logIn({ privateKey: '~/key' });
  });

  test.each(['id_ed25519', 'id_ecdsa', 'id_rsa'])('the usual key %s', async (name) => {
    const type = name.slice(3) as KeyType;
    copyFileSync(server.writeKey({ type }), join(setting.home, '.ssh', name));
    await logIn();
  });

  test('a key of ~/.ssh/config', async () => {
    setting.write(
      'config',
      `Host alias\n HostName 127.0.0.1\n IdentityFile ${server.writeKey()}\n`,
    );
    await logIn({ host: 'alias' });
  });

  test('not too many keys before the password', async () => {
    const keys = Array.from({ length: 8 }, () => server.writeKey({ authorised: false }));
    setting.write('config', keys.map((key) => `IdentityFile ${key}\n`).join(''));
    setting.credentials.passwords.set(endpoint(), server.account.password);
    await logIn();
  });
});

describe('the agent', () => {
  let agent: Agent;
  beforeEach(async () => {
    agent = await Agent.start(setting.home);
    setting.agent = agent.socket;
  });
  afterEach(() => agent[Symbol.dispose]());

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('%s', async (type) => {
    agent.add(server.writeKey({ type }));
    await logIn();
  });

  test('keys that the server does not know, then one that it knows', async () => {
    agent.add(server.writeKey({ authorised: false }));
    agent.add(server.writeKey());
    await logIn();
  });

  test('no passphrase is asked for a key that the agent has unlocked', async () => {
    const privateKey = server.writeKey({ passphrase: 'open sesame' });
    agent.add(privateKey, 'open sesame');
    await logIn({ privateKey });
    expect(setting.credentials.asked).toEqual([]);
  });

  test('a public key chooses the key of the agent', async () => {
    const key = server.writeKey();
    agent.add(key);
    for (let index = 0; index < 6; index += 1) agent.add(server.writeKey({ authorised: false }));
    setting.write('config', `IdentitiesOnly yes\nIdentityFile ${key}.pub\n`);
    await logIn();
    rmSync(key);
    await logIn({ privateKey: key });
  });

  test('IdentityAgent of ~/.ssh/config', async () => {
    agent.add(server.writeKey());
    setting.write('config', `IdentityAgent ${setting.agent ?? ''}\n`);
    setting.agent = undefined;
    await logIn();
    setting.write('config', 'IdentityAgent none\n');
    await expect(logIn()).rejects.toMatchObject({ kind: 'authentication' });
  });

  test('IdentitiesOnly leaves out its other keys', async () => {
    agent.add(server.writeKey());
    setting.write(
      'config',
      `IdentitiesOnly yes\nIdentityFile ${server.writeKey({ authorised: false })}\n`,
    );
    await expect(logIn()).rejects.toMatchObject({ kind: 'authentication' });
  });

  test('one that has gone does not end the login', async () => {
    agent[Symbol.dispose]();
    await sleep(50);
    await logIn({ privateKey: server.writeKey() });
  });
});

describe('a server that wants more than one proof', () => {
  test('key, then password', async () => {
    const settings = ['AuthenticationMethods publickey,password'];
    await using strict = await startOpenssh({ settings });
    setting.write('known_hosts', strict.knownHostsLine());
    const privateKey = strict.writeKey();
    await expect(logIn({ privateKey }, strict)).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringContaining('no password is stored') as string,
    });
    setting.credentials.passwords.set(endpoint(strict), strict.account.password);
    await logIn({ privateKey }, strict);
  });

  test('password, then key', async () => {
    const settings = ['AuthenticationMethods password,publickey'];
    await using strict = await startOpenssh({ settings });
    setting.write('known_hosts', strict.knownHostsLine());
    setting.credentials.passwords.set(endpoint(strict), strict.account.password);
    await logIn({ privateKey: strict.writeKey() }, strict);
  });
});
