/**
 * `write WORKSPACE FOLDERS FILES` makes up a snapshot of so many entries; `restore WORKSPACE FOLDERS FILES`
 * restores it to a target that keeps nothing, and prints the peak memory.
 */
import path from 'node:path';
import { systemClock } from '../../src/base/clock';
import { BackupError } from '../../src/base/errors';
import { silentLog } from '../../src/base/log';
import { restore } from '../../src/jobs/restore/restore';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { ManifestEntry } from '../../src/model/manifest';
import { remotePath } from '../../src/model/remotePath';
import { ManifestWriter } from '../../src/store/manifestFile';
import { Store } from '../../src/store/store';
import type { Target } from '../../src/targets/target';
import { GeneratedServer } from '../jobs/generatedServer';

const [what, workspace = '', ...counts] = process.argv.slice(2);
const [folders = 0, files = 0] = counts.map(Number);
const text = JSON.stringify({ servers: { big: { protocol: 'local', include: ['/data'] } } });
const server = parseConfiguration(text, workspace).configuration?.servers.get('big');
if (!server) throw new Error('The configuration is wrong.');
const store = new Store(path.join(workspace, 'backups'), 'big');
const snapshot = '2026-11-23T07-00-00Z';
const signal = new AbortController().signal;
const generated = new GeneratedServer(folders, files);
let isThere = false;
let uploads = 0;

/** The generated tree, which is there once something was written. */
const reader = new Proxy(generated, {
  get: (_generated, name) => {
    const found: unknown = Reflect.get(generated, name, generated);
    if (name === 'stat' && !isThere) {
      return () => Promise.reject(new BackupError('not-found', 'There is nothing.'));
    }
    return typeof found === 'function' ? (found.bind(generated) as unknown) : found;
  },
});
const done = (): Promise<void> => Promise.resolve();
const target: Target = {
  ...{ label: 'nowhere', reader, writingWidth: 64, comparableMode: 0o7777, notes: new Set() },
  ...{ makeLink: done, replace: done, setAttributes: done, removeFile: done, removeFolder: done },
  faultOf: () => undefined,
  makeFolder: done,
  upload: () => {
    uploads += 1;
    isThere ||= uploads > 1;
    return done();
  },
  [Symbol.asyncDispose]: done,
};

async function writeManifest(): Promise<void> {
  const header = { format: 1 as const, server: 'big', endpoint: 'local://', snapshot };
  const more = {
    started: '2026-11-23T07:00:00.000Z',
    include: ['/data'],
    exclude: [],
    tool: 'test',
  };
  const { disk, layout } = store;
  const whole = { ...header, ...more };
  const writer = await ManifestWriter.create(disk, layout.manifest(snapshot), whole, String);
  const common = { mtime: 1_700_000_000, granularity: 1 };
  const folder = (name: string): Promise<void> =>
    writer.append({ path: remotePath(name), type: 'directory', mode: 0o755, ...common });
  await folder('/data');
  const names = (prefix: string, count: number): string[] =>
    Array.from({ length: count }, (_none, index) => `${prefix}${index}`).sort();
  const fileNames = names('a file with a longer name ', files);
  const entry = { type: 'file', size: 8, mode: 0o644, ...common } as const;
  for (const name of names('folder', folders)) {
    await folder(`/data/${name}`);
    for (const file of fileNames) {
      const found: ManifestEntry = { path: remotePath(`/data/${name}/${file}`), ...entry };
      await writer.append({ ...found, sha256: '0'.repeat(64) });
    }
  }
  const totals = { finished: more.started, status: 'complete' as const, files: 0, directories: 0 };
  const none = { symlinks: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0, linkedFiles: 0 };
  await writer.finish({ ...totals, ...none, receivedBytes: 0, skipped: 0 });
}

const nothing = (): Promise<undefined> => Promise.resolve(undefined);
if (what === 'write') {
  await store.prepare();
  await writeManifest();
} else {
  const report = await restore({
    ...{ server, store, snapshot, paths: [], to: { server, store }, signal },
    environment: {
      ...{ clock: systemClock, log: silentLog, home: workspace, agent: undefined, user: 'nobody' },
      credentials: { password: nothing, passphrase: nothing, answers: nothing },
    },
    confirm: () => Promise.resolve(true),
    open: () => Promise.resolve(target),
  });
  const { status, created, failedCount, seconds } = report;
  const { maxRSS } = process.resourceUsage();
  console.log(JSON.stringify({ peak: maxRSS * 1024, status, created, failedCount, seconds }));
}
