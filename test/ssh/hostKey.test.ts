import { createHmac, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Server } from '../../src/model/configuration/server';
import { identifySshServer } from '../../src/sources/ssh/identity';
import { openSshSession } from '../../src/sources/ssh/login';
import { Authority } from '../servers/authority';
import { makeKey, startOpenssh, type KeyType, type Openssh } from '../servers/openssh';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { never, serverAt, Setting } from './setting';

const types: KeyType[] = ['ed25519', 'ecdsa', 'rsa'];

let server: Openssh;
let other: Openssh;
let privateKey: string;
let setting: Setting;
beforeAll(async () => {
  [server, other] = await Promise.all([startOpenssh(), startOpenssh()]);
  privateKey = server.writeKey();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});
beforeEach(() => (setting = new Setting()));
afterEach(() => setting[Symbol.asyncDispose]());

async function logIn(more: Partial<Server> = {}): Promise<void> {
  const configured = serverAt(server.port, { privateKey, ...more });
  const session = await openSshSession(configured, setting.environment, never);
  await session[Symbol.asyncDispose]();
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('a key of known_hosts', () => {
  test.each(types)('%s is the one that the server is asked for', async (type) => {
    setting.write('known_hosts', server.knownHostsLine(type));
    await logIn();
  });

  test('with a hashed name', async () => {
    const name = hashed(`[127.0.0.1]:${server.port}`);
    setting.write('known_hosts', `${name} ${server.hostKey()}\n`);
    await logIn();
  });

  test('in another file of ~/.ssh/config, under another name', async () => {
    setting.write('config', 'HostKeyAlias alias\nUserKnownHostsFile ~/.ssh/mine\n');
    setting.write('mine', `alias ${server.hostKey()}\n`);
    await logIn();
  });

  test('is read, never written', async () => {
    setting.write('known_hosts', server.knownHostsLine());
    await logIn();
    const file = `${setting.home}/.ssh/known_hosts`;
    expect(readFileSync(file, 'utf8')).toBe(server.knownHostsLine());
  });
});

describe('a pinned key', () => {
  test.each(types)('%s is found among the keys of the server', async (type) => {
    await logIn({ fingerprint: server.fingerprint(type) });
  });

  test('decides alone', async () => {
    setting.write('known_hosts', server.knownHostsLine());
    await expect(logIn({ fingerprint: other.fingerprint() })).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining(`${other.fingerprint()} is pinned`) as string,
    });
    setting.write('known_hosts', `[127.0.0.1]:${server.port} ${other.hostKey()}\n`);
    await logIn({ fingerprint: server.fingerprint() });
  });

  test('that is revoked is refused all the same', async () => {
    setting.write('known_hosts', `\n@revoked * ${server.hostKey()}\n`);
    await expect(logIn({ fingerprint: server.fingerprint() })).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringMatching(
        /marked as revoked in \S+known_hosts:2: .*Do not log in/,
      ) as string,
    });
  });
});

describe('a host that is not trusted', () => {
  test('unknown: the message has the key and what to do', async () => {
    await expect(logIn()).rejects.toMatchObject({
      kind: 'host-key',
      scope: 'run',
      message: expect.stringMatching(
        /not known yet.*SHA256:.*sauvegarde trust web --accept/,
      ) as string,
    });
  });

  test.each(types)('changed (%s)', async (type) => {
    setting.write('known_hosts', `[127.0.0.1]:${server.port} ${other.hostKey(type)}\n`);
    await expect(logIn()).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringMatching(
        /WARNING.*known_hosts:1.*only then run "sauvegarde trust/,
      ) as string,
    });
  });

  test('revoked', async () => {
    const line = server.knownHostsLine();
    setting.write('known_hosts', `${line}@revoked * ${server.hostKey()}\n`);
    await expect(logIn()).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining('revoked') as string,
    });
  });

  test.each([
    ['unknown', '', {}],
    ['changed', 'changed', {}],
    ['another pin', '', { fingerprint: 'SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ])('%s: it hears no password, not even the name of the account', async (_what, kind, more) => {
    await using impostor = await ScriptedSftp.start({ password: 'x' });
    if (kind) setting.write('known_hosts', `[127.0.0.1]:${impostor.port} ${server.hostKey()}\n`);
    const configured = serverAt(impostor.port, more);
    setting.credentials.passwords.set(`sftp://sauvegarde-test@127.0.0.1:${impostor.port}`, 'x');
    const refused = openSshSession(configured, setting.environment, never);
    await expect(refused).rejects.toMatchObject({ kind: 'host-key' });
    expect(setting.credentials.asked).toEqual([]);
    expect(impostor.heard).toEqual([]);
    expect(impostor.connections).toBeGreaterThan(0);
  });
});

describe('a host with a certificate', () => {
  let authority: Authority;
  let certified: Openssh;
  beforeAll(async () => {
    authority = new Authority();
    makeKey(`${authority.folder}/host`);
    const signing = { isForHosts: true, principals: ['127.0.0.1'] };
    const certificate = authority.sign(`${authority.folder}/host`, signing);
    const settings = [`HostKey ${authority.folder}/host`, `HostCertificate ${certificate}`];
    certified = await startOpenssh({ hostKeys: [], settings });
  });
  afterAll(async () => {
    await certified[Symbol.asyncDispose]();
    authority[Symbol.dispose]();
  });
  const at = (): Server =>
    serverAt(certified.port, { privateKey: certified.writeKey({ type: 'ed25519' }) });
  const name = (): string => `[127.0.0.1]:${certified.port}`;
  const plainKey = (): string =>
    readFileSync(`${authority.folder}/host.pub`, 'utf8').split(' ').slice(0, 2).join(' ');

  test('shows its plain key, which known_hosts may have', async () => {
    const lines = [`@cert-authority ${name()} ${authority.publicKey}`, `${name()} ${plainKey()}`];
    setting.write('known_hosts', lines.join('\n') + '\n');
    const session = await openSshSession(at(), setting.environment, never);
    await session[Symbol.asyncDispose]();
  });

  test('of which known_hosts knows only the authority: the message says so', async () => {
    setting.write('known_hosts', `@cert-authority 127.0.0.1,${name()} ${authority.publicKey}\n`);
    await expect(openSshSession(at(), setting.environment, never)).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringMatching(
        /not known yet.*known_hosts:1 trusts an authority .* plain key counts\. Compare/,
      ) as string,
    });
    const identity = await identifySshServer(at(), setting.environment, never);
    expect(identity).toMatchObject({ trust: 'unknown' });
    expect(identity.details.join()).toContain('trusts an authority');
  });

  test('an authority is no host: its own key is not taken for one', async () => {
    setting.write('known_hosts', `@cert-authority ${name()} ${plainKey()}\n`);
    await expect(openSshSession(at(), setting.environment, never)).rejects.toMatchObject({
      kind: 'host-key',
    });
  });
});

describe('looking at a server', () => {
  const look = (more: Partial<Server> = {}) =>
    identifySshServer(serverAt(server.port, more), setting.environment, never);

  test('unknown', async () => {
    expect(await look()).toEqual({
      type: 'ssh-ed25519',
      fingerprint: server.fingerprint(),
      address: `127.0.0.1:${server.port}`,
      details: [],
      trust: 'unknown',
    });
    expect(setting.credentials.asked).toEqual([]);
  });

  test.each(types)('known (%s)', async (type) => {
    setting.write('known_hosts', server.knownHostsLine(type));
    expect(await look()).toMatchObject({
      trust: 'known-hosts',
      fingerprint: server.fingerprint(type),
    });
  });

  test.each(types)('pinned (%s)', async (type) => {
    const fingerprint = server.fingerprint(type);
    expect(await look({ fingerprint })).toMatchObject({ trust: 'pinned', fingerprint });
  });

  test('changed and revoked', async () => {
    expect(await look({ fingerprint: other.fingerprint() })).toMatchObject({
      trust: 'changed',
      fingerprint: server.fingerprint(),
    });
    setting.write('known_hosts', `[127.0.0.1]:${server.port} ${other.hostKey()}\n`);
    expect(await look()).toMatchObject({ trust: 'changed' });
    setting.write('known_hosts', `@revoked * ${server.hostKey()}\n`);
    expect(await look()).toMatchObject({ trust: 'revoked' });
  });

  test('nobody there', async () => {
    await expect(look({ port: 1 })).rejects.toMatchObject({ kind: 'connection', scope: 'run' });
  });
});
