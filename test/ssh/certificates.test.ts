import { spawnSync } from 'node:child_process';
import { copyFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { silentLog } from '../../src/base/log';
import { openSource } from '../../src/jobs/connect/openSource';
import type { Server } from '../../src/model/configuration/server';
import { remotePath } from '../../src/model/remotePath';
import { openSshSession } from '../../src/sources/ssh/login';
import { account } from '../servers/account';
import { Authority, type Signing } from '../servers/authority';
import { makeKey, startOpenssh, type KeyOptions, type Openssh } from '../servers/openssh';
import { installRsync } from '../servers/rsyncd';
import { Agent } from './agent';
import { never, serverAt, Setting } from './setting';

let authority: Authority;
let server: Openssh;
let setting: Setting;
let trusting: string[];
beforeAll(async () => {
  authority = new Authority();
  const principals = join(authority.folder, 'principals');
  writeFileSync(principals, 'sauvegarde-test\nbackup-operators\n');
  trusting = [
    `TrustedUserCAKeys ${authority.publicFile}`,
    `AuthorizedPrincipalsFile ${principals}`,
  ];
  server = await startOpenssh({ password: false, settings: [...trusting, 'MaxAuthTries 30'] });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  authority[Symbol.dispose]();
});
beforeEach(() => {
  setting = new Setting();
  setting.write('known_hosts', server.knownHostsLine());
});
afterEach(() => setting[Symbol.asyncDispose]());

async function logIn(more: Partial<Server> = {}, to: Openssh = server): Promise<void> {
  const session = await openSshSession(serverAt(to.port, more), setting.environment, never);
  const channel = await session.exec('true', never);
  channel.resume();
  await session[Symbol.asyncDispose]();
}

async function refusal(more: Partial<Server> = {}): Promise<string> {
  const error: unknown = await logIn(more).then(
    () => new Error('it went well'),
    (caught: unknown) => caught,
  );
  expect(error).toMatchObject({ kind: 'authentication' });
  return (error as Error).message;
}

let keys = 0;
/** A key that the server does not know by itself, with a certificate beside it. */
function certified(options: KeyOptions = {}, signing: Signing = {}): string {
  const path = join(setting.home, `key${(keys += 1)}`);
  makeKey(path, options);
  authority.sign(path, signing);
  return path;
}

describe('the certificate beside a key file lets in, the key alone would not', () => {
  const kinds: KeyOptions[] = [
    { type: 'ed25519' },
    { type: 'ecdsa' },
    { type: 'ecdsa', bits: 521 },
    { type: 'rsa' },
    { type: 'ed25519', passphrase: 'open sesame' },
    { type: 'rsa', format: 'PEM', passphrase: 'open sesame' },
  ];

  test.each(kinds)('%o', async (options) => {
    const privateKey = certified(options);
    if (options.passphrase) setting.credentials.passphrases.set(privateKey, options.passphrase);
    await logIn({ privateKey });
    rmSync(`${privateKey}-cert.pub`);
    expect(await refusal({ privateKey })).toContain(`It refused: key ${privateKey}.`);
  });

  test('an old form of which nobody knows the public half', async () => {
    for (const passphrase of ['', 'open sesame']) {
      const privateKey = certified({ type: 'ecdsa', format: 'PEM', passphrase });
      rmSync(`${privateKey}.pub`);
      setting.credentials.passphrases.set(privateKey, passphrase);
      await logIn({ privateKey });
      const certificate = join(setting.home, 'elsewhere');
      renameSync(`${privateKey}-cert.pub`, certificate);
      setting.write('config', `CertificateFile ${certificate}\n`);
      await logIn({ privateKey });
      setting.write('config', '');
    }
  });

  test('the usual key', async () => {
    const key = certified();
    copyFileSync(key, join(setting.home, '.ssh', 'id_ed25519'));
    copyFileSync(`${key}-cert.pub`, join(setting.home, '.ssh', 'id_ed25519-cert.pub'));
    await logIn();
  });

  test('of another key', async () => {
    const privateKey = certified();
    copyFileSync(`${certified()}-cert.pub`, `${privateKey}-cert.pub`);
    expect(await refusal({ privateKey })).toContain(
      `no key fits the certificate ${privateKey}-cert.pub`,
    );
  });
});

test('a server that takes only the longer hash with RSA, by certificates and without', async () => {
  const names = ['rsa-sha2-512', 'rsa-sha2-512-cert-v01@openssh.com'];
  const settings = [...trusting, `PubkeyAcceptedAlgorithms ${names.join(',')}`];
  await using strict = await startOpenssh({ password: false, settings });
  setting.write('known_hosts', strict.knownHostsLine());
  await logIn({ privateKey: certified({ type: 'rsa' }) }, strict);
  const privateKey = strict.writeKey({ type: 'rsa' });
  await logIn({ privateKey }, strict);
  using agent = await Agent.start(setting.home);
  agent.add(privateKey);
  setting.agent = agent.socket;
  await logIn({}, strict);
});

describe('CertificateFile', () => {
  test('with the key that it belongs to', async () => {
    const key = certified();
    const certificate = join(setting.home, 'elsewhere');
    renameSync(`${key}-cert.pub`, certificate);
    setting.write('config', `IdentityFile ${key}\nCertificateFile ${certificate}\n`);
    await logIn();
    await logIn({ privateKey: key });
  });

  test('that is missing is told', async () => {
    const key = certified();
    setting.write('config', `IdentityFile ${key}\nCertificateFile ${key}.gone\n`);
    expect(await refusal()).toContain(`there is no certificate in ${key}.gone`);
  });
});

describe('the agent', () => {
  let agent: Agent;
  beforeEach(async () => {
    agent = await Agent.start(setting.home);
    setting.agent = agent.socket;
  });
  afterEach(() => agent[Symbol.dispose]());

  test.each(['ed25519', 'ecdsa', 'rsa'] as const)('lists a certificate (%s)', async (type) => {
    agent.add(certified({ type }));
    await logIn();
  });

  test.each(['ed25519', 'rsa'] as const)('holds the key of a named one (%s)', async (type) => {
    const key = certified({ type, passphrase: 'open sesame' });
    const certificate = join(setting.home, 'elsewhere');
    renameSync(`${key}-cert.pub`, certificate);
    agent.add(key, 'open sesame');
    setting.write('config', `CertificateFile ${certificate}\n`);
    await logIn();
    setting.write(
      'config',
      `IdentitiesOnly yes\nIdentityFile ${key}\nCertificateFile ${certificate}\n`,
    );
    await logIn();
    rmSync(key);
    rmSync(`${key}.pub`);
    renameSync(certificate, `${key}-cert.pub`);
    setting.write('config', `IdentitiesOnly yes\nIdentityFile ${key}\n`);
    await logIn();
    expect(setting.credentials.asked.filter((asked) => !asked.startsWith('sftp:'))).toEqual([]);
  });

  test('and a server that wants a password as well', async () => {
    const settings = [...trusting, 'AuthenticationMethods publickey,password'];
    await using strict = await startOpenssh({ settings });
    setting.write('known_hosts', strict.knownHostsLine());
    agent.add(certified());
    const endpoint = `sftp://sauvegarde-test@127.0.0.1:${strict.port}`;
    setting.credentials.passwords.set(endpoint, strict.account.password);
    await logIn({}, strict);
  });
});

describe('the order is that of ssh(1)', () => {
  /** What ssh would offer: `key1 ED25519-CERT`. */
  function sshOffers(): string[] {
    const options = ['BatchMode=yes', `UserKnownHostsFile=${setting.home}/.ssh/known_hosts`];
    const { stderr } = spawnSync(
      'ssh',
      [
        ...['-v', '-F', join(setting.home, '.ssh', 'config'), '-p', String(server.port)],
        ...options.flatMap((option) => ['-o', option]),
        ...['-l', 'nobody-here', '127.0.0.1'],
      ],
      { env: { ...process.env, SSH_AUTH_SOCK: setting.agent } },
    );
    const lines = stderr.toString().matchAll(/Offering public key: (\S+) (\S+) SHA256/g);
    return [...lines].map(([, path = '', type]) => `${basename(path, '-cert.pub')} ${type}`);
  }

  async function ourOffers(): Promise<string[]> {
    const offers: string[] = [];
    const log = {
      ...silentLog,
      debug: (text: string) => {
        const [, kind, path] =
          /Logging in .* by (?:agent )?(key|certificate) (\S+)\.$/.exec(text) ?? [];
        if (path)
          offers.push(`${basename(path, '-cert.pub')} ED25519${kind === 'key' ? '' : '-CERT'}`);
      },
    };
    const environment = { ...setting.environment, log };
    const configured = serverAt(server.port, { username: 'nobody-here' });
    await openSshSession(configured, environment, never).catch(() => undefined);
    return offers;
  }

  test('certificates beside keys, or named ones, and those of an agent', async () => {
    using agent = await Agent.start(setting.home);
    const [a, b, c] = [certified(), certified(), certified()];
    agent.add(c);
    const named = [`IdentityFile ${a}`, `IdentityFile ${b}`];
    for (const lines of [named, [...named, `CertificateFile ${b}-cert.pub`]]) {
      setting.write('config', lines.join('\n') + '\n');
      expect(await ourOffers()).toEqual(sshOffers());
    }
    setting.agent = agent.socket;
    setting.write('config', `IdentitiesOnly yes\n${named.join('\n')}\nIdentityFile ${c}\n`);
    expect([...(await ourOffers())].sort()).toEqual([...sshOffers()].sort());
    setting.write('config', 'IdentityFile none\n');
    expect(await ourOffers()).toEqual(sshOffers());
  });
});

describe('a certificate that is refused', () => {
  test.each([
    [
      'ended',
      { validity: '20200101:20200102000000Z' },
      /ended on 2020-01-02T00:00:00Z; have it signed again/,
    ],
    [
      'not good yet',
      { validity: '20990101000000Z:20990102' },
      /is good from 2099-01-01T00:00:00Z on/,
    ],
    ['of others', { principals: ['root', 'web'] }, /names root, web, and not sauvegarde-test/],
    ['for hosts', { isForHosts: true }, /is one for hosts/],
  ])('%s: the error says why', async (_what, signing, words) => {
    const privateKey = certified({}, signing);
    const message = await refusal({ privateKey });
    expect(message).toContain(`the certificate ${privateKey}-cert.pub`);
    expect(message).toMatch(words);
    using agent = await Agent.start(setting.home);
    agent.add(privateKey);
    setting.agent = agent.socket;
    expect(await refusal()).toMatch(words);
  });

  test('one that names what the server maps the account to is taken', async () => {
    await logIn({ privateKey: certified({}, { principals: ['backup-operators'] }) });
  });
});

test('through a jump host, each by a certificate', async () => {
  const key = certified();
  setting.write('config', `Host 127.0.0.1\n IdentityFile ${key}\n`);
  await logIn({ jump: [`sauvegarde-test@127.0.0.1:${server.port}`], privateKey: key });
});

test('rsync and SFTP log in the same way', async () => {
  installRsync();
  const privateKey = certified();
  for (const protocol of ['rsync', 'sftp'] as const) {
    const configured = serverAt(server.port, { protocol, privateKey });
    const names: string[] = [];
    const source = await openSource(configured, setting.environment, never);
    const home = account().home.slice(1);
    for await (const { path } of source.list(remotePath(dirname(home)), never)) names.push(path);
    await source[Symbol.asyncDispose]();
    expect(names).toContain(home);
  }
});
