import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/base/clock';
import { applyRetention } from '../../src/jobs/retention/retention';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { ManifestHeader } from '../../src/model/manifest';
import type { RemotePath } from '../../src/model/remotePath';
import { snapshotIdAt } from '../../src/model/snapshotId';
import type { Disk } from '../../src/store/disk';
import { ManifestWriter } from '../../src/store/manifestFile';
import { nodeDisk } from '../../src/store/nodeDisk';
import { emptyTrash } from '../../src/store/removal';
import { Store } from '../../src/store/store';

const filesInFolder = 100;

/** Lists, and thins out to ten, a store of so many snapshots that share so many files by link. */
export async function measureManySnapshots(
  folder: string,
  snapshots: number,
  files: number,
): Promise<Record<string, unknown>[]> {
  await makeStore(folder, snapshots, files);
  const started = performance.now();
  const listed = await new Store(folder, 'many').snapshots();
  const listing = performance.now() - started;
  if (listed.length !== snapshots) throw new Error(`${listed.length} snapshots were listed`);
  const raw = { protocol: 'local', include: ['/data'], keep: { last: 10 }, guard: false };
  const text = JSON.stringify({ servers: { many: raw } });
  const server = parseConfiguration(text, folder).configuration?.servers.get('many');
  if (!server) throw new Error('a wrong configuration');
  const holds = new LockWatch();
  const store = new Store(folder, 'many', holds.disk);
  const { signal } = new AbortController();
  const pruning = performance.now();
  const { removed } = await applyRetention({ server, store, clock: systemClock, signal });
  const pruned = performance.now() - pruning;
  await emptyTrash(store);
  const emptied = performance.now() - pruning - pruned;
  return [
    {
      snapshots,
      files,
      'listed ms': Math.round(listing),
      removed: removed.length,
      'pruned s': Math.round(pruned / 100) / 10,
      'longest lock ms': Math.round(holds.longest),
      locks: holds.count,
      'emptied s': Math.round(emptied / 100) / 10,
    },
  ];
}

async function makeStore(folder: string, snapshots: number, files: number): Promise<void> {
  const store = new Store(folder, 'many');
  await store.prepare();
  const { layout } = store;
  const template = path.join(folder, 'template');
  for (let file = 0; file < files; file += 1) {
    const place = path.join(template, 'data', String(Math.floor(file / filesInFolder)));
    if (file % filesInFolder === 0) fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, `f${String(file).padStart(6, '0')}`), `${file}`);
  }
  for (let number = 0; number < snapshots; number += 1) {
    const id = snapshotIdAt(Date.UTC(2020, 0, 1) + number * 86_400_000);
    await writeManifest(layout.manifest(id), id, files);
    execFileSync('cp', ['-al', template, layout.snapshot(id)]);
  }
}

async function writeManifest(
  place: string,
  snapshot: ManifestHeader['snapshot'],
  files: number,
): Promise<void> {
  const at = new Date(0).toISOString();
  const what = { server: 'many', endpoint: 'local://', include: ['/data'], exclude: [] };
  const header: ManifestHeader = { format: 1, ...what, snapshot, started: at, tool: 'benchmark' };
  const text = (bytes: Buffer): string => bytes.toString('utf8');
  const writer = await ManifestWriter.create(nodeDisk, place, header, text);
  for (let file = 0; file < files; file += 1) {
    const name = `f${String(file).padStart(6, '0')}`;
    const path = `data/${Math.floor(file / filesInFolder)}/${name}` as RemotePath;
    await writer.append({ path, type: 'file', size: String(file).length, sha256: '0'.repeat(64) });
  }
  const none = { directories: 0, symlinks: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0 };
  const rest = { linkedFiles: files, receivedBytes: 0, skipped: 0 };
  await writer.finish({ finished: at, status: 'complete', files, ...none, ...rest });
}

/** How long the renames between two locks took, as a run would have to wait for them. */
class LockWatch {
  longest = 0;
  count = 0;
  #began = 0;

  readonly disk: Disk = {
    ...nodeDisk,
    makeFolder: (place) => {
      if (String(place).endsWith('trash')) {
        this.#began = performance.now();
        this.count += 1;
      }
      nodeDisk.makeFolder(place);
    },
    remove: async (place) => {
      await nodeDisk.remove(place);
      if (this.#began > 0 && !String(place).includes('trash')) {
        this.longest = Math.max(this.longest, performance.now() - this.#began);
      }
    },
  };
}
