import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { RawServer } from '../../src/model/configuration/schema';
import { account } from '../servers/account';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startOpenssh } from '../servers/openssh';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
import { installRsync } from '../servers/rsyncd';
import { startVsftpd } from '../servers/vsftpd';
import { BackUpFixture, type FixtureOptions } from './backUpFixture';

interface Reached extends AsyncDisposable {
  readonly raw: Omit<RawServer, 'include'>;
  readonly options: FixtureOptions;
}

async function sftp(): Promise<Reached> {
  const server = await startOpenssh();
  const { name: username, password } = server.account;
  const host = { host: '127.0.0.1', port: server.port, username };
  return {
    raw: { protocol: 'sftp', ...host, fingerprint: server.fingerprint() },
    options: { password },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function ftp(start: () => Promise<RunningFtpServer>): Promise<Reached> {
  const server = await start();
  const { name: username, password } = account();
  return {
    raw: { protocol: 'ftp', host: server.host, port: server.port, username },
    options: { password },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

const local = (): Promise<Reached> =>
  Promise.resolve({
    raw: { protocol: 'local' },
    options: {},
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });

async function rsync(): Promise<Reached> {
  installRsync();
  const { raw, ...rest } = await sftp();
  return { raw: { ...raw, protocol: 'rsync' }, ...rest };
}

const version = '/proc/version';
const mtu = '/sys/class/net/lo/mtu';

describe('files that the kernel makes up', () => {
  it.each([
    ['local', local, [version, '/proc/filesystems', mtu]],
    ['OpenSSH', sftp, [version, '/proc/filesystems', mtu]],
    ['ProFTPD', () => ftp(startProftpd), [mtu]],
  ] as const)('come whole from %s, with their true sizes', async (_name, reach, made) => {
    await using reached = await reach();
    const raw = { ...reached.raw, include: [...made] } as RawServer;
    using fixture = new BackUpFixture(raw, reached.options);
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', files: made.length, skipped: [] });
    expect(report.warnings.map(({ path }) => path).sort()).toEqual([...made].sort());
    const entries = await fixture.entries(report.snapshot, '');
    for (const place of made) {
      const entry = entries.get(place.slice(1))!;
      const content = fs.readFileSync(place);
      expect([entry.size, entry.listed]).toEqual([content.length, fs.statSync(place).size]);
      expect(fs.readFileSync(fixture.store.place(report.snapshot, entry)).equals(content)).toBe(
        true,
      );
    }
  });

  it.each([
    ['rsync', rsync],
    ['vsftpd', () => ftp(startVsftpd)],
    ['ProFTPD', () => ftp(startProftpd)],
    ['Pure-FTPd', () => ftp(startPureFtpd)],
  ] as const)('that %s sends as empty ones are told of', async (_name, reach) => {
    await using reached = await reach();
    using fixture = new BackUpFixture(
      { ...reached.raw, include: [version, '/proc/filesystems'] },
      reached.options,
    );
    const report = await fixture.run();
    expect(report.bytes).toBe(0);
    expect(report.warnings).toHaveLength(1);
    expect(report.warnings[0]?.message).toContain('SFTP');
  });

  it.each([
    ['vsftpd', () => ftp(startVsftpd), 'connection'],
    ['rsync', rsync, 'changed'],
  ] as const)('that %s cannot send are skipped', async (_name, reach, kind) => {
    await using reached = await reach();
    using fixture = new BackUpFixture({ ...reached.raw, include: [mtu] }, reached.options);
    const report = await fixture.run();
    expect(report).toMatchObject({
      status: 'incomplete',
      files: 0,
      skipped: [{ path: mtu, kind }],
    });
  });
});
