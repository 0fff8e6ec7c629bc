import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Server } from '../../src/model/configuration/server';
import type { Environment } from '../../src/sources/environment';
import { openSshSession } from '../../src/sources/ssh/login';
import { Authority } from '../servers/authority';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { SecurityKey, type SecurityKeyType } from '../servers/securityKey';
import { Agent } from './agent';
import { never, serverAt, Setting } from './setting';

let device: SecurityKey;
let authority: Authority;
let server: Openssh;
let setting: Setting;
beforeAll(async () => {
  device = new SecurityKey();
  authority = new Authority();
  const settings = [`TrustedUserCAKeys ${authority.publicFile}`];
  server = await startOpenssh({ password: false, settings });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
  device[Symbol.dispose]();
});
beforeEach(() => {
  setting = new Setting();
  setting.write('known_hosts', server.knownHostsLine());
});
afterEach(() => setting[Symbol.asyncDispose]());

async function logIn(
  more: Partial<Server> = {},
  extra: Partial<Environment> = {},
  signal = never,
): Promise<void> {
  const environment = { ...setting.environment, ...extra };
  const session = await openSshSession(serverAt(server.port, more), environment, signal);
  await session[Symbol.asyncDispose]();
}

function handle(type: SecurityKeyType, isAuthorised: boolean, passphrase = ''): string {
  const path = join(setting.home, type);
  device.makeHandle(path, type, passphrase);
  const line = readFileSync(`${path}.pub`);
  if (isAuthorised) appendFileSync(join(server.folder, server.account.name), line);
  return path;
}

async function agentWith(key: string, env: NodeJS.ProcessEnv = {}): Promise<Agent> {
  const agent = await Agent.start(setting.home, device.agentOptions, env);
  agent.add(key, '', device.env);
  setting.agent = agent.socket;
  return agent;
}

describe.each(['ed25519-sk', 'ecdsa-sk'] as const)('%s through the agent', (type) => {
  test('as one of its keys, and chosen by its handle or its public key', async () => {
    const key = handle(type, true);
    using _agent = await agentWith(key);
    await logIn();
    await logIn({ privateKey: key });
    setting.write('config', `IdentitiesOnly yes\nIdentityFile ${key}.pub\n`);
    await logIn();
  });

  test('by its certificate', async () => {
    const key = handle(type, false);
    authority.sign(key);
    using agent = await agentWith(key);
    await logIn();
    await logIn({ privateKey: key });
    rmSync(`${key}-cert.pub`);
    agent.removeAll();
    agent.add(key, '', device.env);
    await expect(logIn()).rejects.toMatchObject({ kind: 'authentication' });
  });
});

describe('the touch', () => {
  test('is asked for while the login waits', async () => {
    const key = handle('ed25519-sk', true);
    using _agent = await agentWith(key, device.waiting);
    const asked: string[] = [];
    const touch = (address: string): void => {
      asked.push(address);
      setTimeout(() => writeFileSync(device.touch, ''), 2500);
    };
    // A person may take longer than the server may.
    await logIn({ timeout: 3000 }, { touch });
    expect(asked).toEqual([`127.0.0.1:${server.port}`]);
    rmSync(device.touch);
  });

  test('does not come and nobody is there: the login ends and says what is missing', async () => {
    const key = handle('ed25519-sk', true);
    using _agent = await agentWith(key, device.waiting);
    await expect(logIn({ timeout: 3000 })).rejects.toMatchObject({
      kind: 'authentication',
      message: expect.stringMatching(/key test .*touch the security key/) as string,
    });
  });

  test('is not waited for once the run is cancelled', async () => {
    const key = handle('ed25519-sk', true);
    using _agent = await agentWith(key, device.waiting);
    const stop = new AbortController();
    const touch = (): void => stop.abort();
    await expect(logIn({}, { touch }, stop.signal)).rejects.toMatchObject({ kind: 'cancelled' });
  });
});

describe('a handle that no agent holds', () => {
  test.each(['', 'open sesame'])(
    'says what to do, and asks for no passphrase (%j)',
    async (secret) => {
      const privateKey = handle('ed25519-sk', true, secret);
      await expect(logIn({ privateKey })).rejects.toMatchObject({
        kind: 'authentication',
        message: `The key ${privateKey} is the handle of a security key, which only an agent can use: plug that in, and run "ssh-add ${privateKey}".`,
      });
      setting.write('config', `IdentityFile ${privateKey}\n`);
      await expect(logIn()).rejects.toMatchObject({
        message: expect.stringContaining(`run "ssh-add ${privateKey}"`) as string,
      });
      expect(setting.credentials.asked).toEqual([]);
    },
  );

  test('nor does one at the usual place', async () => {
    const usual = join(setting.home, '.ssh', 'id_ed25519_sk');
    device.makeHandle(usual, 'ed25519-sk');
    await expect(logIn()).rejects.toMatchObject({
      message: expect.stringContaining(`run "ssh-add ${usual}"`) as string,
    });
  });
});
