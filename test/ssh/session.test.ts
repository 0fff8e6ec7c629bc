import { once } from 'node:events';
import { createServer, type Server as NetServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { systemClock } from '../../src/base/clock';
import type { Server } from '../../src/model/configuration/server';
import { openSshSession } from '../../src/sources/ssh/login';
import type { SshSession } from '../../src/sources/ssh/session';
import { startOpenssh } from '../servers/openssh';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { never, serverAt, Setting } from './setting';

let setting: Setting;
beforeEach(() => (setting = new Setting()));
afterEach(() => setting[Symbol.asyncDispose]());

const open = (server: Server, signal = never): Promise<SshSession> =>
  openSshSession(server, setting.environment, signal);

async function outputOf(session: SshSession, command: string): Promise<string> {
  const channel = await session.exec(command, never);
  const chunks: Buffer[] = [];
  channel.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(channel, 'close');
  return Buffer.concat(chunks).toString();
}

describe('keyboard-interactive', () => {
  const password = { prompt: 'Password: ', echo: false, answer: 'secret' };
  const code = { prompt: 'Verification code: ', echo: false, answer: '123456' };

  async function logIn(questions: (typeof password)[][], stored?: string): Promise<string[]> {
    await using scripted = await ScriptedSftp.start({ questions });
    setting.write('known_hosts', scripted.knownHostsLine);
    const endpoint = `sftp://sauvegarde-test@127.0.0.1:${scripted.port}`;
    if (stored !== undefined) setting.credentials.passwords.set(endpoint, stored);
    const session = await open(serverAt(scripted.port)).catch((error: unknown) => {
      // What the server heard matters most where the login failed.
      throw Object.assign(error as Error, { heard: scripted.heard });
    });
    await session[Symbol.asyncDispose]();
    return scripted.heard;
  }

  test.each([
    'Password: ',
    'password for deploy:',
    '(me@host) Password:',
    'Mot de passe :',
    'Passwort: ',
    'Contraseña:',
    '密码：',
    'Password for newcode:',
  ])('the password answers %j', async (prompt) => {
    const heard = await logIn(
      [[{ ...password, prompt: Buffer.from(prompt).toString() }]],
      'secret',
    );
    expect(heard).toContain('answer:secret');
  });

  test.each([
    ['a code', [{ ...password, prompt: 'Verification code: ' }]],
    ['a one-time password', [{ ...password, prompt: 'One-time password (OATH) for `me`: ' }]],
    ['a visible answer', [{ ...password, echo: true }]],
    ['a new password', [{ ...password, prompt: 'New password: ' }]],
    ['two things at once', [password, code]],
    ['something else', [{ ...password, prompt: 'Your name: ' }]],
  ])('the password does not answer %s', async (_what, prompts) => {
    const error = await logIn([prompts], 'secret').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'authentication', scope: 'run' });
    expect(
      (error as { heard: string[] }).heard.filter((said) => said.startsWith('answer:')),
    ).toEqual([]);
    expect((error as Error).message).toContain('nobody is there to answer');
  });

  test('a person answers the code after the password', async () => {
    setting.credentials.answer = ({ prompts }) => prompts.map(() => '123456');
    const heard = await logIn([[password], [code]], 'secret');
    expect(heard.slice(-2)).toEqual(['answer:secret', 'answer:123456']);
    expect(setting.credentials.asked.at(-1)).toBe('Verification code: ');
  });

  test('a person who thinks for longer than the server may', async () => {
    await using scripted = await ScriptedSftp.start({ questions: [[code]] });
    setting.write('known_hosts', scripted.knownHostsLine);
    const slow = { ...setting.environment.credentials };
    Object.assign(slow, {
      password: () => Promise.resolve(undefined),
      answers: async () => {
        await systemClock.sleep(700, never);
        return ['123456'];
      },
    });
    const environment = { ...setting.environment, credentials: slow };
    const server = serverAt(scripted.port, { timeout: 300 });
    await using session = await openSshSession(server, environment, never);
    expect(session.isOpen).toBe(true);
  });

  test('a wrong password is sent once', async () => {
    const error = await logIn([[password]], 'wrong').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'authentication' });
    const { heard } = error as { heard: string[] };
    expect(heard.filter((said) => said === 'answer:wrong')).toHaveLength(1);
  });

  test('questions without end are ended', async () => {
    setting.credentials.answer = ({ prompts }) => prompts.map(() => '123456');
    const error = await logIn(Array.from({ length: 100 }, () => [code])).catch(
      (reason: unknown) => reason,
    );
    expect(error).toMatchObject({ kind: 'authentication' });
  });
});

describe('jump hosts', () => {
  test('two of them, each with a login and a key of its own', async () => {
    await using first = await startOpenssh();
    await using second = await startOpenssh();
    await using last = await startOpenssh();
    const { name, password } = last.account;
    setting.write('known_hosts', first.knownHostsLine() + second.knownHostsLine('rsa'));
    const { passwords } = setting.credentials;
    passwords.set(`ssh://${name}@127.0.0.1:${first.port}`, password);
    passwords.set(`ssh://${name}@127.0.0.1:${second.port}`, password);
    const jump = [first, second].map(({ port }) => `${name}@127.0.0.1:${port}`);
    const fingerprint = last.fingerprint();
    const server = serverAt(last.port, { jump, privateKey: last.writeKey(), fingerprint });
    await using session = await open(server);
    const connection = await outputOf(session, 'echo $SSH_CONNECTION');
    expect(connection).toContain(` ${last.port}\n`);
    expect(session.receivedBytes).toBeGreaterThan(1000);
    // Cutting the first cuts them all.
    first.breakConnections();
    expect((await session.closed).kind).toBe('connection');
  });

  test('one whose key is not known', async () => {
    await using jump = await startOpenssh();
    const server = serverAt(jump.port, { jump: [`me@127.0.0.1:${jump.port}`] });
    await expect(open(server)).rejects.toMatchObject({
      kind: 'host-key',
      message: expect.stringContaining('run "ssh 127.0.0.1" once') as string,
    });
  });

  test('one from which the server cannot be reached', async () => {
    await using jump = await startOpenssh();
    setting.write('known_hosts', jump.knownHostsLine());
    const { name, password } = jump.account;
    setting.credentials.passwords.set(`ssh://${name}@127.0.0.1:${jump.port}`, password);
    const server = serverAt(1, { jump: [`${name}@127.0.0.1:${jump.port}`] });
    await expect(open(server)).rejects.toMatchObject({ kind: 'connection', scope: 'run' });
  });
});

describe('hosts that cannot be reached', () => {
  test('nobody listens', async () => {
    await expect(open(serverAt(1))).rejects.toMatchObject({
      kind: 'connection',
      scope: 'run',
      message: expect.stringContaining('refuses the connection') as string,
    });
  });

  test('unknown', async () => {
    await expect(open(serverAt(22, { host: 'no-such-host.invalid' }))).rejects.toMatchObject({
      kind: 'connection',
      scope: 'run',
    });
  });

  async function listening(serve: (socket: Socket) => void): Promise<NetServer & AsyncDisposable> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      serve(socket);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  test.each<[string, (socket: Socket) => void, string[]]>([
    ['silent', () => undefined, ['timeout']],
    ['gone at once', (socket) => socket.destroy(), ['connection']],
    ['another protocol', (socket) => socket.end('220 FTP here\r\n'), ['connection', 'protocol']],
    [
      'noise',
      (socket) => socket.write(Buffer.alloc(100_000, 7)),
      ['timeout', 'connection', 'protocol'],
    ],
    ['a greeting and no more', (socket) => socket.write('SSH-2.0-x\r\n'), ['timeout']],
    [
      'a greeting and noise',
      (socket) => socket.write(`SSH-2.0-x\r\n${'x'.repeat(9999)}`),
      ['connection', 'protocol'],
    ],
  ])('%s', async (_what, serve, kinds) => {
    const server = await listening(serve);
    const { port } = server.address() as AddressInfo;
    const failed = await open(serverAt(port, { timeout: 300 })).catch((error: unknown) => error);
    server.close();
    expect(failed).toMatchObject({ scope: 'run' });
    expect(kinds).toContain((failed as { kind: string }).kind);
  });

  test.each([0, 2, 10, 30, 80])('cancelled after %i ms', async (delay) => {
    await using scripted = await ScriptedSftp.start({ password: 'x', mute: true });
    setting.write('known_hosts', scripted.knownHostsLine);
    const stop = new AbortController();
    const opening = open(serverAt(scripted.port), stop.signal);
    setTimeout(() => stop.abort(), delay);
    await expect(opening).rejects.toMatchObject({ kind: 'cancelled' });
  });

  test('only weak algorithms', async () => {
    const settings = ['HostKeyAlgorithms ssh-rsa', 'Ciphers aes128-cbc'];
    await using weak = await startOpenssh({ settings });
    await expect(open(serverAt(weak.port))).rejects.toMatchObject({
      kind: 'protocol',
      scope: 'run',
    });
  });
});

describe('a session', () => {
  test('runs commands, tells when it is lost, and opens nothing after', async () => {
    await using server = await startOpenssh();
    const fingerprint = server.fingerprint();
    const configured = serverAt(server.port, { privateKey: server.writeKey(), fingerprint });
    await using session = await open(configured);
    expect(await outputOf(session, 'echo "$((6 * 7))"')).toBe('42\n');
    expect(session.isOpen).toBe(true);
    server.breakConnections();
    expect(await session.closed).toMatchObject({ kind: 'connection' });
    expect(session.isOpen).toBe(false);
    await expect(session.exec('true', never)).rejects.toMatchObject({ kind: 'connection' });
  });

  test('the writing client of ssh2-sftp-client is there on demand', async () => {
    await using server = await startOpenssh();
    const fingerprint = server.fingerprint();
    const configured = serverAt(server.port, { privateKey: server.writeKey(), fingerprint });
    await using session = await open(configured);
    const client = await session.forWriting();
    expect(await client.realPath('.')).toBe(server.account.home);
  });

  test('no more channels than the server allows', async () => {
    await using server = await startOpenssh({ maxSessions: 1 });
    const fingerprint = server.fingerprint();
    const configured = serverAt(server.port, { privateKey: server.writeKey(), fingerprint });
    await using session = await open(configured);
    const channel = await session.openSftpChannel(never);
    await expect(session.openSftpChannel(never)).rejects.toMatchObject({
      kind: 'too-many-connections',
    });
    channel.destroy();
  });
});
