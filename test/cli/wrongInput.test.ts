import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account } from '../servers/account';
import { makeCertificates } from '../servers/certificates';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { freePort } from '../servers/serverProcess';
import { startVsftpd } from '../servers/vsftpd';
import { CommandLine, fingerprintOf, type RunOptions } from './commandLine';

const owner = account();
const secret = { SAUVEGARDE_PASSWORD: owner.password };

describe('wrong input gets a clear error and loses nothing', () => {
  let server: Openssh;
  let line: CommandLine;
  let snapshot: string;
  let before: string[];
  const site = `${owner.home}/wrong-input-${process.pid}`;
  const right = (): Record<string, unknown> => ({
    protocol: 'sftp',
    host: '127.0.0.1',
    port: server.port,
    username: owner.name,
    fingerprint: server.fingerprint(),
    timeout: 2,
    include: [site],
  });

  beforeAll(async () => {
    server = await startOpenssh();
    fs.mkdirSync(site, { recursive: true });
    fs.writeFileSync(path.join(site, 'index.html'), 'hello');
    line = new CommandLine();
    line.configureServer(right());
    const first = await line.run(['backup', '--json'], { env: secret });
    expect(first.code, first.out + first.error).toBe(0);
    snapshot = first.events.at(-1)?.snapshot ?? '';
    before = fingerprintOf(path.join(line.backups, 'web', snapshot));
  });

  afterAll(async () => {
    fs.rmSync(site, { recursive: true, force: true });
    line[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Runs a backup that must fail with this kind, and looks whether the first snapshot is untouched. */
  async function expectFailure(
    kind: string,
    changes: Record<string, unknown>,
    options: RunOptions = { env: secret },
    code = 1,
  ): Promise<string> {
    line.configureServer({ ...right(), ...changes });
    const result = await line.run(['backup', '--json'], options);
    const error = result.events.find(({ event }) => event === 'error');
    expect(error?.kind, result.out + result.error).toBe(kind);
    expect(result.code).toBe(code);
    await expectUntouched();
    return error?.message ?? '';
  }

  async function expectUntouched(): Promise<void> {
    line.configureServer(right());
    const list = await line.run(['list', '--json']);
    expect(list.events.map((event) => event.snapshot)).toEqual([snapshot]);
    expect(fingerprintOf(path.join(line.backups, 'web', snapshot))).toEqual(before);
  }

  it('wrong password', async () => {
    await expectFailure('authentication', {}, { env: { SAUVEGARDE_PASSWORD: 'wrong' } });
  });

  it('no password and nobody to ask', async () => {
    await expectFailure('authentication', {}, {});
  });

  it('wrong key', async () => {
    await expectFailure(
      'authentication',
      { privateKey: server.writeKey({ authorised: false }) },
      {},
    );
  });

  it('passphrase missing', async () => {
    const privateKey = server.writeKey({ passphrase: 'open sesame' });
    const message = await expectFailure('authentication', { privateKey }, {});
    expect(message).toContain(privateKey);
  });

  it('host key unknown', async () => {
    const message = await expectFailure('host-key', { fingerprint: undefined });
    expect(message).toContain('sauvegarde trust web --accept');
  });

  it('host key changed', async () => {
    const fingerprint = `SHA256:${'A'.repeat(43)}`;
    await expectFailure('host-key', { fingerprint });
  });

  it('host unknown', async () => {
    const message = await expectFailure('connection', { host: 'no-such-host.invalid' });
    expect(message).toContain('no-such-host.invalid');
  });

  it('host unreachable', async () => {
    await expectFailure('connection', { host: '255.255.255.255' });
  });

  it('host that accepts and never answers', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined));
    const port = await freePort();
    await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
    const kind = await expectFailure('timeout', { port });
    expect(kind).not.toBe('');
    silent.close();
  });

  it('port closed', async () => {
    await expectFailure('connection', { port: await freePort() });
  });

  it('certificate of another authority, and wrong password over FTPS', async () => {
    await using ftps = await startVsftpd({ tls: 'explicit' });
    const other = makeCertificates();
    // PAM takes two seconds to refuse a password.
    const login = { protocol: 'ftps', port: ftps.port, fingerprint: undefined, timeout: 10 };
    await expectFailure('certificate', { ...login, ca: other.caFile });
    const wrong = { env: { SAUVEGARDE_PASSWORD: 'wrong' } };
    await expectFailure('authentication', { ...login, ca: ftps.caFile }, wrong);
    fs.rmSync(other.folder, { recursive: true, force: true });
  });

  it('path missing', async () => {
    const message = await expectFailure('not-found', { include: ['/no/such/folder'] });
    expect(message).toContain('/no/such/folder');
  });

  it('disk full', async () => {
    const place = fs.mkdtempSync('/var/tmp/sauvegarde-full-');
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', place]);
    try {
      const full = new CommandLine(place);
      fs.writeFileSync(path.join(site, 'large'), Buffer.alloc(3_000_000, 'x'));
      full.configureServer(right());
      const result = await full.run(['backup', '--json'], { env: secret });
      const error = result.events.find(({ event }) => event === 'error');
      expect(error?.kind, result.out + result.error).toBe('disk-full');
      expect((await full.run(['list', '--json'])).events).toEqual([]);
      execFileSync('mount', ['-o', 'remount,size=20m', place]);
      const again = await full.run(['backup', '--json'], { env: secret });
      expect(again.code, again.out + again.error).toBe(0);
    } finally {
      fs.rmSync(path.join(site, 'large'), { force: true });
      execFileSync('umount', ['-l', place]);
      fs.rmSync(place, { recursive: true, force: true });
    }
  });

  it('folder not writable', async () => {
    const message = await expectFailure('permission', {}, { env: secret, uid: owner.uid });
    expect(message).toContain('backup');
  });

  it('configuration wrong', async () => {
    line.configure(
      '{\n  "servers": {\n    "web": { "protocol": "sftpp", "hosst": "x", "include": [] }\n  }\n}',
    );
    const result = await line.run(['backup', '--json'], { env: secret });
    expect(result.code).toBe(2);
    expect(result.events[0]).toMatchObject({ event: 'error', kind: 'configuration' });
    const message = result.events[0]?.message ?? '';
    expect(message).toContain('Line 3: servers.web.protocol is "sftpp". Accepted is one of "sftp"');
    expect(message).toContain('servers.web.hosst is not a known field. Did you mean "host"?');
    await expectUntouched();
  });

  it('workspace missing, server unknown, command unknown', async () => {
    using nowhere = new CommandLine();
    const missing = await nowhere.run(['backup', '--json']);
    expect(missing.code).toBe(2);
    expect(missing.events[0]).toMatchObject({ event: 'error', kind: 'configuration' });
    const unknown = await line.run(['backup', 'wbe', '--json']);
    expect(unknown.code).toBe(2);
    expect((await line.run(['bakcup'])).code).toBe(2);
    await expectUntouched();
  });

  it('second run while one is under way', async () => {
    line.configureServer(right());
    const lock = path.join(line.backups, 'web', '.sauvegarde', 'lock');
    const holder = { pid: process.pid, host: execFileSync('hostname').toString().trim() };
    const birth = fs.readFileSync('/proc/self/stat', 'utf8').split(') ').at(-1)?.split(' ')[19];
    const started = new Date().toISOString();
    fs.writeFileSync(lock, JSON.stringify({ ...holder, started, token: 'x', birth }));
    await expectFailure('locked', {}, { env: secret }, 4);
    fs.rmSync(lock);
  });
});
