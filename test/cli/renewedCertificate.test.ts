import { execFileSync } from 'node:child_process';
import { createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import { account } from '../servers/account';
import { makeCertificates, type Certificates } from '../servers/certificates';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startVsftpd } from '../servers/vsftpd';
import { CommandLine, type Result } from './commandLine';

const person = account();
/** Of its own: other tests put things into the home that may not be read. */
const site = `${person.home}/renewed-${process.pid}`;

let certificates: Certificates;
let server: RunningFtpServer;
let line: CommandLine;
beforeAll(() => {
  certificates = makeCertificates();
  mkdirSync(site);
  writeFileSync(`${site}/page`, 'hello');
});
afterAll(() => {
  for (const folder of [certificates.folder, site]) rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  line = new CommandLine();
  await start('new key');
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  line[Symbol.dispose]();
});

/** Starts the server with a self-signed certificate, and tells the configuration where it is. */
async function start(key: 'new key' | 'same key', pinned: object = {}): Promise<void> {
  const { keyFile, certificateFile, folder } = certificates;
  const openssl = (...args: string[]): void =>
    void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' });
  if (key === 'new key') openssl('genpkey', '-algorithm', 'RSA', '-out', keyFile);
  const name = ['-subj', '/CN=self', '-addext', 'subjectAltName=IP:127.0.0.1'];
  openssl('req', '-x509', '-key', keyFile, '-out', certificateFile, '-days', '30', ...name);
  server = await startVsftpd({ tls: 'explicit', certificates });
  const { port } = server;
  const way = { protocol: 'ftps', host: '127.0.0.1', port, username: person.name };
  line.configureServer({ ...way, ...pinned, include: [site] });
}

/** vsftpd reads its certificate when it starts. */
async function renew(key: 'new key' | 'same key'): Promise<void> {
  const { fingerprint, keyFingerprint } = configured();
  await server[Symbol.asyncDispose]();
  await start(key, { fingerprint, keyFingerprint });
}

function digests(): { fingerprint: string; keyFingerprint: string } {
  const certificate = new X509Certificate(readFileSync(certificates.certificateFile));
  const spki = certificate.publicKey.export({ type: 'spki', format: 'der' });
  return { fingerprint: digest(certificate.raw), keyFingerprint: digest(spki) };
}

function digest(der: Buffer): string {
  return `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`;
}

function configured(): Record<string, unknown> {
  const text = readFileSync(line.configurationFile, 'utf8');
  return (JSON.parse(text) as { servers: { web: Record<string, unknown> } }).servers.web;
}

const check = (): Promise<Result> =>
  line.run(['check', 'web'], { env: { SAUVEGARDE_PASSWORD: person.password } });

it('a self-signed certificate that was renewed with the same key is no alarm', async () => {
  expect((await line.run(['trust', 'web', '--accept'])).code).toBe(0);
  expect(configured()).toMatchObject(digests());
  expect(await check()).toMatchObject({ code: 0, error: '' });

  await renew('same key');
  const refused = await check();
  expect(refused.code).toBe(1);
  expect(refused.error).toContain('was renewed with the same key');
  expect(refused.error).toContain('"sauvegarde trust web --accept"');
  expect(refused.error).not.toContain('listening');
  const shown = await line.run(['trust', 'web', '--json']);
  expect(shown.events).toMatchObject([{ trust: 'renewed', hasSameKey: true, ...digests() }]);
  const words = await line.run(['trust', 'web', '--accept']);
  expect(words.out).toContain('renewed with the same key');
  expect(configured()).toMatchObject(digests());
  expect((await check()).code).toBe(0);
});

it('one of another key is', async () => {
  await line.run(['trust', 'web', '--accept']);
  await renew('new key');
  const refused = await check();
  expect(refused.code).toBe(1);
  expect(refused.error).toContain('somebody may be listening');
  expect(refused.error).not.toContain('renewed');
  const shown = await line.run(['trust', 'web', '--json']);
  expect(shown.events).toMatchObject([{ trust: 'changed' }]);
  expect(shown.out).not.toContain('hasSameKey');
});

it('a pin from before goes on to be read, and gets its second half when it is accepted again', async () => {
  const { fingerprint } = digests();
  line.configureServer({ ...configured(), fingerprint });
  expect((await check()).code).toBe(0);
  await renew('same key');
  // Nothing is known of the key.
  expect((await check()).error).toContain('somebody may be listening');
  await line.run(['trust', 'web', '--accept']);
  expect(configured()).toMatchObject(digests());
});
