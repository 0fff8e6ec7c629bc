import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { BackUpFixture } from '../conformance/backUpFixture';
import { OriginalTree } from '../conformance/originalTree';
import { account } from '../servers/account';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startFtpSrv } from '../servers/ftpSrv';
import { startInetutilsFtpd } from '../servers/inetutilsFtpd';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
import { startPyftpdlib } from '../servers/pyftpdlib';
import { startVsftpd } from '../servers/vsftpd';
import { contentOf, environment, ftpServer, KeptLog, never } from './ftpClient';
import { remotePath } from '../../src/model/remotePath';

const person = account();
const count = 200;
const tree = new OriginalTree(`${person.home}/tree-order-${process.pid}`, person);

beforeAll(() => {
  for (let file = 0; file < count; file += 1) {
    tree.file(`folder-${file % 7}/file-${file}`, Buffer.alloc((file * 997) % 100_000, `${file} `));
  }
  tree.handOver();
});

afterAll(() => rmSync(tree.root, { recursive: true, force: true }));

interface Kind {
  readonly name: string;
  readonly start: () => Promise<RunningFtpServer>;
  /** The path of the tree as the server shows it. */
  readonly root: string;
  readonly inOrder: boolean;
}

const kinds: readonly Kind[] = [
  { name: 'pyftpdlib', start: startPyftpdlib, root: tree.root, inOrder: false },
  { name: 'ftp-srv', start: () => startFtpSrv(tree.root), root: '/', inOrder: false },
  { name: 'inetutils-ftpd', start: startInetutilsFtpd, root: tree.root, inOrder: true },
  { name: 'vsftpd', start: startVsftpd, root: tree.root, inOrder: true },
  { name: 'ProFTPD', start: startProftpd, root: tree.root, inOrder: true },
  { name: 'Pure-FTPd', start: startPureFtpd, root: tree.root, inOrder: true },
];

/** FEAT, TYPE, OPTS, the probe for Telnet, and the listing with its times. */
const logins = 7;

describe.each(kinds)('$name', ({ name, start, root, inOrder }) => {
  let running: RunningFtpServer;
  beforeAll(async () => (running = await start()), 60_000);
  afterAll(() => running[Symbol.asyncDispose]());

  it('brings all of 200 files over', async () => {
    const { host, port } = running;
    const connection = { protocol: 'ftp' as const, host, port, username: person.name };
    using fixture = new BackUpFixture({ ...connection, include: [root] }, person);
    const report = await fixture.run();
    expect(report.skipped).toEqual([]);
    expect(report).toMatchObject({ status: 'complete', fetchedFiles: count });
    const again = await fixture.run();
    expect(again).toMatchObject({ status: 'complete', fetchedFiles: 0 });
  });

  it(`is asked ${inOrder ? 'ahead' : 'one by one'}`, async () => {
    const log = new KeptLog();
    const config = ftpServer(running.port, { username: person.name, connections: 1 });
    await using server = await openFtpServer(config, environment(person.password, log), never);
    const inside = root === '/' ? '' : `${root.slice(1)}/`;
    for (let file = 0; file < 70; file += 7) {
      const path = remotePath(`${inside}folder-0/file-${file}`);
      const entry = { path, type: 'file', size: (file * 997) % 100_000, granularity: 1 } as const;
      expect((await contentOf(server, entry)).content).toHaveLength(entry.size);
    }
    await server.list(remotePath(`${inside}folder-0`), never);
    const dialogue = log.lines.filter((line) => /^[<>] [A-Z\d]/.test(line));
    const twoInARow = dialogue.filter(
      (line, index) => line.startsWith('> ') && dialogue[index + 1]?.startsWith('> ') === true,
    );
    const ahead = twoInARow.filter((line) => /^> (?:CWD|RETR)/.test(line));
    expect(ahead.some((line) => line.startsWith('> CWD'))).toBe(inOrder);
    // Once in order is proven, one round trip a file; the first two files need two and three.
    const turns = dialogue.filter(
      (line, index) => line.startsWith('> ') && dialogue[index - 1]?.startsWith('< ') === true,
    );
    const retrieving = dialogue.filter((line) => line.startsWith('> RETR')).length;
    if (name === 'vsftpd') expect(turns.length).toBeLessThanOrEqual(retrieving + logins + 4);
    // One probe at the most, and that is no EPSV.
    const retrievals = ahead.filter((line) => line.startsWith('> RETR'));
    if (!inOrder) expect(retrievals.length).toBeLessThanOrEqual(1);
  });
});
