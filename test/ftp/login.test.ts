import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootPath } from '../../src/model/remotePath';
import type { Server } from '../../src/model/configuration/server';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { identifyFtpServer } from '../../src/sources/ftp/identity';
import { account } from '../servers/account';
import { makeCertificates } from '../servers/certificates';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startProftpd } from '../servers/proftpd';
import { freePort } from '../servers/serverProcess';
import { startVsftpd } from '../servers/vsftpd';
import { environment, errorOf, ftpServer, KeptLog, never } from './ftpClient';

const person = account();
const other = 'SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU';

async function opened(config: Server, password = person.password): Promise<void> {
  const server = await openFtpServer(config, environment(password), never);
  try {
    await server.list(rootPath, never);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe.each(['explicit', 'implicit'] as const)('FTPS, %s', (tls) => {
  let vsftpd: RunningFtpServer;
  let proftpd: RunningFtpServer;
  const configs = (changes: Partial<Server> = {}): Server[] =>
    [vsftpd, proftpd].map((running) =>
      ftpServer(running.port, { protocol: 'ftps', tls, username: person.name, ...changes }),
    );

  beforeAll(async () => {
    vsftpd = await startVsftpd({ tls });
    proftpd = await startProftpd({ tls });
  });

  afterAll(async () => {
    await vsftpd[Symbol.asyncDispose]();
    await proftpd[Symbol.asyncDispose]();
  });

  it('refuses a certificate of an unknown authority before any login', async () => {
    for (const config of configs()) {
      const log = new KeptLog();
      const opening = openFtpServer(config, environment(person.password, log), never);
      const error = await errorOf(opening);
      expect(error).toMatchObject({ kind: 'certificate', scope: 'run' });
      expect(error.message).toContain('sauvegarde trust test');
      expect(log.lines.join('\n')).not.toMatch(/USER|PASS/);
    }
  });

  it('takes the certificate with its authority, or pinned', async () => {
    for (const [index, config] of configs().entries()) {
      const running = [vsftpd, proftpd][index];
      await opened({ ...config, ca: running?.caFile ?? '' });
      await opened({ ...config, fingerprint: running?.fingerprint ?? '' });
      await opened({ ...config, fingerprint: `${running?.fingerprint ?? ''}=` });
    }
  });

  it('checks the name, with SNI where the host is one', async () => {
    for (const [index, config] of configs().entries()) {
      const ca = [vsftpd, proftpd][index]?.caFile ?? '';
      await opened({ ...config, ca, host: 'localhost' });
      const error = await errorOf(opened({ ...config, ca, host: '127.0.0.2' }));
      // ProFTPD listens there too or not at all; a wrong name must never be taken.
      expect(['certificate', 'connection']).toContain(error.kind);
    }
  });

  it('refuses another certificate than the pinned one, though its authority is known', async () => {
    for (const [index, config] of configs({ fingerprint: other }).entries()) {
      const ca = [vsftpd, proftpd][index]?.caFile ?? '';
      const log = new KeptLog();
      const opening = openFtpServer({ ...config, ca }, environment(person.password, log), never);
      expect(await errorOf(opening)).toMatchObject({ kind: 'certificate', scope: 'run' });
      expect(log.lines.join('\n')).not.toMatch(/USER|PASS/);
    }
  });

  it('shows the certificate for a person to compare', async () => {
    const [config] = configs();
    if (config === undefined) return;
    const shown = await identifyFtpServer(config, environment(undefined), never);
    expect(shown).toMatchObject({
      type: 'certificate',
      fingerprint: vsftpd.fingerprint,
      address: `127.0.0.1:${vsftpd.port}`,
      trust: 'unknown',
    });
    expect(shown.details.join('\n')).toContain('CN=localhost');
    const trustWith = async (changes: Partial<Server>): Promise<string> =>
      (await identifyFtpServer({ ...config, ...changes }, environment(undefined), never)).trust;
    expect(await trustWith({ ca: vsftpd.caFile ?? '' })).toBe('verified');
    expect(await trustWith({ fingerprint: vsftpd.fingerprint ?? '' })).toBe('pinned');
    expect(await trustWith({ fingerprint: other })).toBe('changed');
  });
});

describe('TLS versions', () => {
  it.each(['1.2', '1.3'] as const)('resumes sessions of TLS %s', async (tlsVersion) => {
    await using running = await startProftpd({ tls: 'explicit', tlsVersion });
    const config = ftpServer(running.port, { protocol: 'ftps', username: person.name });
    await opened({ ...config, ca: running.caFile ?? '' });
    await opened({ ...config, fingerprint: running.fingerprint ?? '' });
  });

  it('refuses a certificate that has expired', async () => {
    const certificates = makeCertificates({ days: -1 });
    await using running = await startVsftpd({ tls: 'explicit', certificates });
    const config = ftpServer(running.port, { protocol: 'ftps', username: person.name });
    const error = await errorOf(opened({ ...config, ca: certificates.caFile }));
    expect(error.kind).toBe('certificate');
    rmSync(certificates.folder, { recursive: true });
  });
});

describe('logging in', () => {
  let running: RunningFtpServer;
  beforeAll(async () => {
    running = await startVsftpd();
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it('says that the password is wrong, without showing it', async () => {
    const log = new KeptLog();
    const config = ftpServer(running.port, { username: person.name });
    const error = await errorOf(openFtpServer(config, environment('wr0ng pässword', log), never));
    expect(error).toMatchObject({ kind: 'authentication', scope: 'run' });
    expect(error.message).toContain(person.name);
    expect(JSON.stringify([error, String(error.cause), log.lines])).not.toContain('wr0ng');
    expect(log.lines.join('\n')).toContain('PASS ###');
  });

  it('says that there is no password', async () => {
    const config = ftpServer(running.port, { username: person.name });
    const opening = openFtpServer(config, environment(undefined), never);
    expect(await errorOf(opening)).toMatchObject({ kind: 'authentication', scope: 'run' });
  });

  it('never sends a line break of a password as a command', async () => {
    const config = ftpServer(running.port, { username: person.name });
    const opening = openFtpServer(config, environment('x\r\nDELE /etc/passwd'), never);
    expect(await errorOf(opening)).toMatchObject({ kind: 'authentication', scope: 'run' });
  });

  it('says what to do where nothing answers', async () => {
    const closed = ftpServer(await freePort(), { username: person.name });
    const refused = await errorOf(opened(closed));
    expect(refused).toMatchObject({ kind: 'connection', scope: 'run', transient: false });
    expect(refused.message).toContain('Check host and port');
    const unknown = await errorOf(opened({ ...closed, host: 'nowhere.invalid' }));
    expect(unknown).toMatchObject({ kind: 'connection', scope: 'run' });
    expect(unknown.message).toContain('Check');
  });

  it('refuses FTP with TLS on a server without', async () => {
    const config = ftpServer(running.port, { protocol: 'ftps', username: person.name });
    expect(await errorOf(opened(config))).toMatchObject({ kind: 'protocol', scope: 'run' });
  });

  it('refuses a CA file that is missing or none', async () => {
    const { folder } = makeCertificates();
    const config = ftpServer(running.port, { protocol: 'ftps', username: person.name });
    writeFileSync(join(folder, 'garbage'), 'garbage');
    for (const ca of ['/nonexistent/ca.pem', join(folder, 'garbage')]) {
      expect(await errorOf(opened({ ...config, ca }))).toMatchObject({ kind: 'configuration' });
    }
    rmSync(folder, { recursive: true });
  });
});

describe('the limit of connections', () => {
  it.each([
    ['vsftpd', startVsftpd],
    ['ProFTPD', startProftpd],
  ])('is learnt from %s', async (_name, start) => {
    await using running = await start({ maxConnections: 2 });
    const config = ftpServer(running.port, { username: person.name, connections: 6 });
    await using server = await openFtpServer(config, environment(person.password), never);
    expect([server.listingWidth, server.readingWidth]).toEqual([6, 12]);
    const lists = Array.from({ length: 40 }, () => server.list(rootPath, never));
    const sizes = (await Promise.all(lists)).map((entries) => entries.length);
    expect(new Set(sizes).size).toBe(1);
    await expect.poll(() => server.listingWidth, { timeout: 120_000 }).toBe(2);
    expect(server.readingWidth).toBe(4);
  });

  it('is said to be the reason where not even one is free', async () => {
    await using running = await startVsftpd({ maxConnections: 1 });
    const config = ftpServer(running.port, { username: person.name });
    await using server = await openFtpServer(config, environment(person.password), never);
    await server.list(rootPath, never);
    const error = await errorOf(opened(config));
    expect(error).toMatchObject({ kind: 'too-many-connections', scope: 'run' });
  });
});
