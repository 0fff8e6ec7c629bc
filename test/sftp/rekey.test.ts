import { createHash } from 'node:crypto';
import { chownSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BackUpFixture } from '../conformance/backUpFixture';
import { startOpenssh } from '../servers/openssh';
import { startModSftp } from '../servers/otherSftp';
import type { Account } from '../servers/account';

/** 24 megabytes: new keys are due many times on the way. */
const content = Buffer.from(
  Uint32Array.from({ length: 6_000_000 }, (_, index) => index * 7).buffer,
);

interface Rekeying extends AsyncDisposable {
  readonly port: number;
  readonly fingerprint: string;
  readonly account: Account;
  /** How often keys were agreed upon, as the server's log says. */
  readonly agreements: () => number;
}

async function openssh(...more: string[]): Promise<Rekeying> {
  const server = await startOpenssh({ settings: ['RekeyLimit 1M', 'LogLevel DEBUG1', ...more] });
  return {
    port: server.port,
    fingerprint: server.fingerprint(),
    account: server.account,
    agreements: () => count(server.output, /rekey/gi),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function modSftp(): Promise<Rekeying> {
  const server = await startModSftp(['SFTPRekey required 3600 1', 'Trace ssh2:3']);
  const log = join(server.folder, 'trace.log');
  return {
    port: server.port,
    fingerprint: server.fingerprint,
    account: server.account,
    agreements: () => count(readFileSync(log, 'latin1'), /rekey KEX completed/g),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function count(text: string, what: RegExp): number {
  return [...text.matchAll(what)].length;
}

describe('new keys in mid-download', () => {
  test.each([
    ['OpenSSH, RekeyLimit 1M', () => openssh()],
    // What has arrived is kept by these until their code for the packet has come.
    ['chacha20-poly1305', () => openssh('Ciphers chacha20-poly1305@openssh.com')],
    ['aes256-ctr', () => openssh('Ciphers aes256-ctr')],
    ['ProFTPD mod_sftp, SFTPRekey', modSftp],
  ])('%s', async (_name, start) => {
    await using server = await start();
    const { account, port, fingerprint } = server;
    const file = join(account.home, `rekeyed-${process.pid}`);
    writeFileSync(file, content);
    chownSync(file, account.uid, account.gid);
    const login = { protocol: 'sftp', host: '127.0.0.1', port, username: account.name } as const;
    using fixture = new BackUpFixture(
      { ...login, fingerprint, include: [file] },
      { password: account.password },
    );
    const report = await fixture.run();
    rmSync(file);
    expect(report).toMatchObject({ status: 'complete', skipped: [], fetchedFiles: 1 });
    const [entry] = (await fixture.entries(report.snapshot, '')).values();
    expect(entry?.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(server.agreements()).toBeGreaterThan(10);
  });
});
