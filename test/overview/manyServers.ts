import fs from 'node:fs';
import path from 'node:path';
import type { ManifestTotals } from '../../src/model/manifest';
import { snapshotIdAt } from '../../src/model/snapshotId';
import type { RunReport } from '../../src/report/runReport';
import { Store } from '../../src/store/store';

const day = 86_400_000;
const noDigest = '0'.repeat(64);

export interface ManyServers {
  /** The folder of the stores. */
  readonly destination: string;
  readonly servers: number;
  /** One a day for each server; the last one on the day of `now`. */
  readonly runs: number;
  /** Files in the two newest manifests; the others have ten. */
  readonly files: number;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether the reports name the folders that stand out; those of older versions do not. */
  readonly folders?: boolean;
}

export function serverName(number: number): string {
  return `site-${String(number).padStart(3, '0')}`;
}

/**
 * Stores as they stand after a year, without the files themselves: nothing of an overview looks at those.
 * One run in forty fails, one in thirty is incomplete, one in fifty did not come.
 */
export async function makeManyServers(many: ManyServers): Promise<void> {
  for (let number = 0; number < many.servers; number += 1) {
    const store = new Store(many.destination, serverName(number));
    await store.prepare();
    fs.mkdirSync(store.layout.runs, { recursive: true });
    for (let run = 0; run < many.runs; run += 1) writeRun(store, many, number, run);
  }
}

function writeRun({ layout }: Store, many: ManyServers, number: number, run: number): void {
  const chance = (number * 7919 + run * 104_729) % 1000;
  const isLast = run === many.runs - 1;
  if (chance < 20 && !isLast) return;
  const started = many.now - (many.runs - 1 - run) * day - 2 * 3_600_000 - (number % 60) * 60_000;
  const id = snapshotIdAt(started);
  const status = chance < 45 ? 'failed' : chance < 78 ? 'incomplete' : 'complete';
  const files = run >= many.runs - 2 ? many.files : 10;
  const bytes = 1e8 * (1 + (number % 9)) + run * 2_000_000 + ((run * 37) % 90) * 300_000;
  const report = reportOf({ id, status, started, files, bytes, chance });
  const written = many.folders === true ? withFolders(report) : report;
  fs.writeFileSync(layout.runReport(id), JSON.stringify(written));
  if (status !== 'failed') writeManifest(layout.manifest(id), report, files);
}

function withFolders(report: RunReport): RunReport {
  const names = ['cache', 'html', 'html/wp-content/plugins', 'html/wp-content/uploads', 'logs'];
  const ranked = names.map((name, place) => ({
    path: `var/www/${name}`,
    weight: 9e6 / (place + 1),
  }));
  const folders = { biggest: ranked, mostChanged: ranked };
  return report.changes ? { ...report, changes: { ...report.changes, folders } } : report;
}

interface Drawn {
  readonly id: string;
  readonly status: RunReport['status'];
  readonly started: number;
  readonly files: number;
  readonly bytes: number;
  readonly chance: number;
}

function reportOf({ id, status, started, files, bytes, chance }: Drawn): RunReport {
  const [added, changed, removed] = [chance % 23, chance % 61, chance % 7];
  const paths = Array.from({ length: added + changed + removed }, (_none, index) => ({
    kind: index < added ? ('added' as const) : ('changed' as const),
    path: `/var/www/html/wp-content/uploads/2026/11/picture-${index}.jpg`,
  }));
  const failed = { kind: 'connection' as const, message: 'The connection was refused. Try again.' };
  return {
    ...{ server: 'site', endpoint: 'sftp://deploy@www.example.org:22', snapshot: id, status },
    started: new Date(started).toISOString(),
    finished: new Date(started + 90_000).toISOString(),
    ...{ seconds: 90, files, directories: 3, symlinks: 0, bytes },
    ...{ fetchedFiles: added, fetchedBytes: 1e6, linkedFiles: files, keptFiles: 0 },
    ...{ receivedBytes: 1e6, skipped: [], warnings: [] },
    ...(status === 'failed'
      ? { error: failed }
      : { changes: { comparedWith: id, added, changed, removed, paths } }),
  };
}

function writeManifest(place: string, report: RunReport, files: number): void {
  const header = {
    ...{ format: 1, server: 'site', endpoint: report.endpoint, snapshot: report.snapshot },
    ...{ started: report.started, include: ['/var/www'], exclude: [], tool: 'test' },
  };
  const lines: string[] = [JSON.stringify(header)];
  for (let file = 0; file < files; file += 1) {
    const folder = ['cache', 'html/wp-content/plugins', 'html/wp-content/uploads', 'logs'][
      Math.floor((file * 4) / files)
    ]!;
    const name = `f${String(file).padStart(7, '0')}`;
    // Every tenth file is another one in each snapshot.
    const sha256 =
      file % 10 === 0 ? report.snapshot.replaceAll(/\D/g, '').padEnd(64, '0') : noDigest;
    const size = 1000 + (file % 97) * 1000;
    lines.push(
      JSON.stringify({ path: `var/www/${folder}/${name}`, type: 'file', size, mtime: 1, sha256 }),
    );
  }
  const totals: ManifestTotals = {
    ...{
      finished: report.finished,
      status: report.status === 'complete' ? 'complete' : 'incomplete',
    },
    ...{ files, directories: 3, symlinks: 0, bytes: report.bytes, fetchedFiles: 1 },
    ...{ fetchedBytes: 1, linkedFiles: 1, receivedBytes: 1, skipped: 0, digest: noDigest },
  };
  lines.push(JSON.stringify(totals), '');
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.writeFileSync(place, lines.join('\n'));
}
