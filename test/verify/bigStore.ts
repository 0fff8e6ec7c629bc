/**
 * `make WORKSPACE FOLDERS FILES BYTES`: a store with one snapshot of so many files of so many bytes each, put
 * together without a run. `verify WORKSPACE [SHARE]`: verifies it and prints what that took.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import { systemClock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import { verify } from '../../src/jobs/verify/verify';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RemotePath } from '../../src/model/remotePath';
import { digestOfBytes } from '../../src/store/contentDigest';
import { InodeWriter } from '../../src/store/inodeFile';
import { ManifestWriter } from '../../src/store/manifestFile';
import { nodeDisk } from '../../src/store/nodeDisk';
import { Store } from '../../src/store/store';

const [mode, workspace = '', ...numbers] = process.argv.slice(2);
const id = '2026-11-23T07-00-00Z';
const store = new Store(`${workspace}/backups`, 'big');
const mtime = 1_700_000_000;

async function make(folders: number, files: number, bytes: number): Promise<void> {
  await store.prepare();
  const header = {
    format: 1,
    ...{ server: 'big', endpoint: 'local://', snapshot: id, tool: 'test' },
    ...{ started: '2026-11-23T07:00:00Z', include: ['/data'], exclude: [] },
  } as const;
  const decode = (text: Buffer): string => text.toString('utf8');
  const manifest = await ManifestWriter.create(nodeDisk, store.layout.manifest(id), header, decode);
  const inodes = await InodeWriter.create(nodeDisk, store.layout.inodesOf(id));
  const add = async (path: string, type: 'directory' | 'file', more: object): Promise<void> => {
    await manifest.append({ path: path as RemotePath, type, mtime, mode: 0o644, ...more });
  };
  await add('data', 'directory', {});
  await inodes.append(undefined);
  const content = randomBytes(bytes);
  for (let folder = 0; folder < folders; folder += 1) {
    const above = `data/folder ${String(folder).padStart(6, '0')}`;
    fs.mkdirSync(`${store.layout.snapshot(id)}/${above}`, { recursive: true });
    await add(above, 'directory', {});
    await inodes.append(undefined);
    for (let file = 0; file < files; file += 1) {
      const path = `${above}/a file with a longer name ${String(file).padStart(6, '0')}`;
      content.write(`${folder} ${file} `);
      const place = `${store.layout.snapshot(id)}/${path}`;
      const { inode } = nodeDisk.createFile(place, content, { mode: 0o444, mtime });
      await add(path, 'file', { size: bytes, granularity: 1, sha256: digestOfBytes(content) });
      await inodes.append(inode);
    }
  }
  await inodes.finish();
  const counts = { files: folders * files, directories: folders + 1, symlinks: 0, skipped: 0 };
  await manifest.finish({
    ...{ finished: '2026-11-23T07:10:00Z', status: 'complete', ...counts },
    ...{ bytes: folders * files * bytes, fetchedFiles: folders * files, fetchedBytes: 0 },
    ...{ linkedFiles: 0, receivedBytes: 0 },
  });
  fs.writeFileSync(store.layout.parityOf(id), manifest.parity());
}

async function verifyIt(share: number | undefined): Promise<void> {
  const text = JSON.stringify({ servers: { big: { protocol: 'local', include: ['/data'] } } });
  const server = parseConfiguration(text, workspace).configuration?.servers.get('big');
  if (!server) throw new Error('The configuration is wrong.');
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const credentials = { password: nothing, passphrase: nothing, answers: nothing };
  const started = performance.now();
  const [verified] = await verify({
    ...{ server, store, scope: 'newest', signal: new AbortController().signal },
    environment: {
      ...{ clock: systemClock, log: silentLog, credentials, home: workspace },
      ...{ agent: undefined, user: 'nobody' },
    },
    ...(share !== undefined && { amount: { share } }),
  });
  const { maxRSS } = process.resourceUsage();
  console.log(
    JSON.stringify({
      ...{ status: verified?.status, files: verified?.checkedFiles, bytes: verified?.checkedBytes },
      ...{ peak: maxRSS * 1024, seconds: (performance.now() - started) / 1000 },
    }),
  );
}

const [first, second = 0, third = 0] = numbers.map(Number);
if (mode === 'make') await make(first ?? 0, second, third);
else await verifyIt(first);
