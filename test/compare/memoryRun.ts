/**
 * `write FOLDER ENTRIES` makes two snapshots, of which every third file has moved; `compare FOLDER`
 * compares them and prints the peak memory.
 */
import { createHash } from 'node:crypto';
import { compareSnapshots } from '../../src/jobs/compare/compareSnapshots';
import { noDifferences } from '../../src/model/difference';
import type { ManifestEntry } from '../../src/model/manifest';
import { rootPath, type RemotePath } from '../../src/model/remotePath';
import { ManifestWriter } from '../../src/store/manifestFile';
import { nodeDisk } from '../../src/store/nodeDisk';
import { Store } from '../../src/store/store';

const [what, folder = '', count = '0'] = process.argv.slice(2);
const entries = Number(count);
const [first, second] = ['2026-11-01T00-00-00Z', '2026-11-02T00-00-00Z'];
const store = new Store(folder, 'big');

function fileAt(number: number, where: string): ManifestEntry {
  const sha256 = createHash('sha256').update(String(number)).digest('hex');
  const name = `${where}/a file with a longer name ${String(number).padStart(8, '0')}`;
  return { path: name as RemotePath, type: 'file', size: 8, mtime: 1, granularity: 1, sha256 };
}

async function write(snapshot: string, moves: boolean): Promise<void> {
  const header = { format: 1, server: 'big', endpoint: '', snapshot, started: '' } as const;
  const writer = await ManifestWriter.create(
    nodeDisk,
    store.layout.manifest(snapshot),
    { ...header, include: ['/'], exclude: [], tool: 'test' },
    (bytes) => bytes.toString('utf8'),
  );
  const isMoved = (number: number): boolean => moves && number % 3 === 0;
  for (let number = 0; number < entries; number += 1) {
    if (!isMoved(number)) await writer.append(fileAt(number, 'before'));
  }
  for (let number = 0; number < entries; number += 1) {
    if (isMoved(number)) await writer.append(fileAt(number, 'elsewhere'));
  }
  const none = { directories: 0, symlinks: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0 };
  const rest = { linkedFiles: 0, receivedBytes: 0, skipped: 0 };
  await writer.finish({ finished: '', status: 'complete', files: entries, ...none, ...rest });
}

if (what === 'write') {
  await store.prepare();
  await write(first, false);
  await write(second, true);
} else {
  const counts = noDifferences();
  const { signal } = new AbortController();
  for await (const { kind } of compareSnapshots(store, first, second, rootPath, signal)) {
    counts[kind] += 1;
  }
  const { maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ peak: maxRSS * 1024, ...counts }));
}
