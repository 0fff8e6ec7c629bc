import { chmodSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBytes, nameOf, type RemotePath } from '../../src/model/remotePath';
import type { Entry } from '../../src/model/entry';
import type { FileServer } from '../../src/sources/fileServer';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { account } from '../servers/account';
import type { FtpServerOptions, RunningFtpServer, TlsMode } from '../servers/ftpServerOptions';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
import { startVsftpd } from '../servers/vsftpd';
import { contentOf, environment, errorOf, ftpServer, never } from './ftpClient';
import { namesNotForPureFtpd, nastyNames, Tree } from './tree';

type Start = (options: FtpServerOptions) => Promise<RunningFtpServer>;

const startPure: Start = ({ tls, ...rest }) =>
  startPureFtpd({ ...rest, tls: tls === 'explicit' ? 'explicit' : 'none' });

const cases: readonly (readonly [string, TlsMode, Start])[] = [
  ['vsftpd', 'none', startVsftpd],
  ['vsftpd', 'explicit', startVsftpd],
  ['vsftpd', 'implicit', startVsftpd],
  ['ProFTPD', 'none', startProftpd],
  ['ProFTPD', 'explicit', startProftpd],
  ['ProFTPD', 'implicit', startProftpd],
  ['Pure-FTPd', 'none', startPure],
  ['Pure-FTPd', 'explicit', startPure],
];

const person = account();

describe.each(cases)('%s, TLS %s', (product, tls, start) => {
  const tree = new Tree();
  const big = Buffer.alloc(3_000_000, 'big file ');
  const names = product === 'Pure-FTPd' ? nastyNames : [...nastyNames, ...namesNotForPureFtpd];
  let running: RunningFtpServer;
  let server: FileServer;

  beforeAll(async () => {
    plant(tree, big, names);
    running = await start({ tls });
    const changes = {
      username: person.name,
      ...(tls !== 'none' && { protocol: 'ftps' as const, tls, ca: running.caFile ?? '' }),
    };
    const config = ftpServer(running.port, changes);
    server = await openFtpServer(config, environment(person.password), never);
  });

  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await running[Symbol.asyncDispose]();
    tree[Symbol.dispose]();
  });

  const list = (path: string): Promise<Entry[]> => server.list(tree.remote(path), never);
  const entryOf = (path: string): Promise<Entry> => server.stat(tree.remote(path), never);

  it('lists types, sizes, times, modes and targets', async () => {
    const entries = new Map((await list('')).map((entry) => [nameOf(entry.path), entry]));
    expect(entries.get('file')).toEqual({
      ...{ path: tree.remote('file'), type: 'file', size: 7 },
      ...{ mtime: 1_580_702_706, granularity: 1, mode: 0o644 },
    });
    expect(entries.get('early')).toMatchObject({ mtime: -10, granularity: 1, size: 0 });
    expect(entries.get('folder')).toMatchObject({ type: 'directory', size: 0, mode: 0o755 });
    expect(entries.get('link')).toMatchObject({ type: 'symlink', size: 0, target: 'folder' });
    expect(entries.get('x -> y')).toMatchObject({ type: 'symlink', target: 'folder/in it' });
    expect(entries.get('upwards')).toMatchObject({ type: 'symlink', target: '..' });
    expect(entries.get('itself')).toMatchObject({ type: 'symlink', target: '.' });
    expect(entries.get('dangling')).toMatchObject({ type: 'symlink', target: 'no where' });
    if (product !== 'Pure-FTPd') expect(entries.get('.hidden')).toMatchObject({ type: 'file' });
    expect(entries.get('fifo')?.type).toBe('other');
    expect(entries.has('.') || entries.has('..')).toBe(false);
  });

  it('lists and reads any name', async () => {
    const entries = await list('names');
    const listed = entries.map((entry) => nameOf(entry.path)).sort();
    expect(listed).toEqual(names.map((name) => name.toString('latin1')).sort());
    const read = await Promise.all(entries.map((entry) => contentOf(server, entry)));
    entries.forEach((entry, index) => {
      expect(read[index]?.content.toString('latin1')).toBe(nameOf(entry.path));
      expect(entry).toMatchObject({ mtime: 1_580_702_706, granularity: 1 });
    });
  });

  it('lists folders of any name', async () => {
    for (const name of ['[br] ', ' a -> b', 'é', '-R']) {
      const [entry] = await list(`folders/${name}`);
      expect(entry?.path).toBe(tree.remote(`folders/${name}/inside`));
      expect((await server.stat(entry?.path as RemotePath, never)).size).toBe(7);
    }
  });

  it('tells empty, missing, unreadable and not-a-folder apart', async () => {
    expect(await list('empty')).toEqual([]);
    const kindOf = async (path: string): Promise<string> => (await errorOf(list(path))).kind;
    expect(await kindOf('missing')).toBe('not-found');
    expect(await kindOf('missing/below')).toBe('not-found');
    expect(await kindOf('enter only')).toBe('permission');
    expect(await kindOf('list only')).toBe('permission');
    expect(await kindOf('closed')).toBe('permission');
    expect(await kindOf('file')).toBe('not-found');
    // The connection has survived all of it.
    expect(await list('empty')).toEqual([]);
  });

  it('tells an unreadable file from a missing one', async () => {
    const missing: Entry = { path: tree.remote('missing'), type: 'file', size: 1, granularity: 1 };
    expect(await errorOf(contentOf(server, missing))).toMatchObject({ kind: 'not-found' });
    const secret = await entryOf('secret');
    expect(await errorOf(contentOf(server, secret))).toMatchObject({ kind: 'permission' });
  });

  it('stats the root, files, folders and links', async () => {
    expect(await server.stat(fromBytes(Buffer.of()), never)).toMatchObject({ type: 'directory' });
    expect(await entryOf('big')).toMatchObject({ type: 'file', size: big.length });
    expect(await entryOf('folder')).toMatchObject({ type: 'directory' });
    expect(await entryOf('link')).toMatchObject({ type: 'symlink', target: 'folder' });
    expect(await entryOf('dangling')).toMatchObject({ type: 'symlink' });
    expect(await entryOf('enter only/known')).toMatchObject({ type: 'file', size: 7 });
    expect(await errorOf(entryOf('missing'))).toMatchObject({ kind: 'not-found' });
    expect(await errorOf(entryOf('closed/any'))).toMatchObject({ kind: 'permission' });
  });

  it('reads big files, from an offset too', async () => {
    const entry = await entryOf('big');
    const whole = await contentOf(server, entry);
    expect([whole.content.equals(big), whole.grown]).toEqual([true, false]);
    const tail = await contentOf(server, entry, 2_999_990);
    expect(tail).toEqual({ content: big.subarray(2_999_990), grown: false });
    expect((await contentOf(server, entry, big.length)).content).toHaveLength(0);
  });

  it('delivers what was listed of a file that has grown, and notices one that has shrunk', async () => {
    const entry = await entryOf('big');
    const less = await contentOf(server, { ...entry, size: 1000 });
    expect([less.content.equals(big.subarray(0, 1000)), less.grown]).toEqual([true, true]);
    const slightly = await contentOf(server, { ...entry, size: big.length - 5 });
    expect([slightly.content.equals(big.subarray(0, -5)), slightly.grown]).toEqual([true, true]);
    const more = await contentOf(server, { ...entry, size: big.length + 1 });
    expect([more.content.equals(big), more.grown, more.short]).toEqual([true, false, true]);
    const behind = await contentOf(server, { ...entry, size: big.length + 1 }, big.length);
    expect([behind.content.length, behind.short]).toEqual([0, true]);
  });

  it('waits for a slow writer', async () => {
    const entry = await entryOf('big');
    let busy = 0;
    let most = 0;
    let bytes = 0;
    const write = async (chunk: Buffer): Promise<void> => {
      busy += 1;
      most = Math.max(most, busy);
      bytes += chunk.length;
      await new Promise((resolve) => setTimeout(resolve, 1));
      busy -= 1;
    };
    await server.read(entry, 0, write, never);
    expect([most, bytes]).toEqual([1, big.length]);
  });

  it('ends at once when it is cancelled, and goes on afterwards', async () => {
    const entry = await entryOf('big');
    const abort = new AbortController();
    const write = (): Promise<void> => {
      abort.abort();
      return new Promise(() => undefined);
    };
    const error = await errorOf(server.read(entry, 0, write, abort.signal));
    expect(error.kind).toBe('cancelled');
    expect((await contentOf(server, entry)).content.equals(big)).toBe(true);
  });

  it('counts what it receives', async () => {
    const before = server.receivedBytes;
    await contentOf(server, await entryOf('big'));
    expect(server.receivedBytes - before).toBeGreaterThan(big.length);
    expect(server.receivedBytes - before).toBeLessThan(big.length * 1.1);
  });
});

function plant(tree: Tree, big: Buffer, names: readonly Buffer[]): void {
  tree.file('file');
  tree.file('.hidden');
  tree.file('early', '', -10);
  tree.file('big', big);
  tree.file('secret');
  chmodSync(tree.at('secret'), 0o600);
  for (const name of ['folder', 'empty', 'names', 'folders']) tree.directory(name);
  tree.file('folder/in it');
  tree.link('link', 'folder');
  tree.link('x -> y', 'folder/in it');
  tree.link('dangling', 'no where');
  tree.link('upwards', '..');
  tree.link('itself', '.');
  tree.fifo('fifo');
  for (const name of names) {
    tree.file(Buffer.concat([Buffer.from('names/'), name]), name);
  }
  for (const name of ['[br] ', ' a -> b', 'é', '-R']) {
    tree.directory(`folders/${name}`);
    tree.file(`folders/${name}/inside`);
  }
  const modes = { 'enter only': 0o711, 'list only': 0o744, closed: 0o700 };
  for (const [name, mode] of Object.entries(modes)) {
    tree.directory(name);
    tree.file(`${name}/known`);
    chmodSync(tree.at(name), mode);
  }
}
