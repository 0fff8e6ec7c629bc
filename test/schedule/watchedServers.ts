import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { throwIfAborted } from '../../src/base/abort';
import { BackupError, type ErrorKind } from '../../src/base/errors';
import type { Attempt, SchedulerHost } from '../../src/jobs/schedule/scheduler';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { Server } from '../../src/model/configuration/server';
import type { Overdue } from '../../src/model/schedule/overdue';
import { snapshotIdAt } from '../../src/model/snapshotId';
import type { RunReport } from '../../src/report/runReport';
import type { Disk } from '../../src/store/disk';
import { Store } from '../../src/store/store';
import { watchedDisk } from '../store/watchedDisk';
import type { SteppedClock } from './steppedClock';

/** A server as it stands in a configuration with a schedule. */
export function scheduled(name: string, schedule: string, timeZone?: string): Server {
  const server = { protocol: 'local', include: ['/x'], schedule, timeZone };
  const { configuration } = parseConfiguration(
    JSON.stringify({ servers: { [name]: server } }),
    '/',
  );
  const found = configuration?.servers.get(name);
  if (!found) throw new Error('not a configuration');
  return found;
}

/** Stores on disk, and runs that only lock them and leave their report, as every run does. */
export class WatchedServers implements SchedulerHost, Disposable {
  readonly folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-schedule-'));
  list: Server[];
  atOnce = 2;
  /** When each run began, by server. */
  readonly starts = new Map<string, number[]>();
  readonly told: { readonly server: string; readonly overdue: Overdue }[] = [];
  readonly willRetry: boolean[] = [];
  readonly troubles: unknown[] = [];
  /** What the next runs end with; a run that is not named succeeds. */
  readonly failures: (ErrorKind | undefined)[] = [];
  readonly #clock: SteppedClock;
  /** Operations of the disk that the clock has to wait for. */
  #underWay = 0;
  readonly #disk = this.#watchedDisk();

  constructor(clock: SteppedClock, list: readonly Server[]) {
    this.#clock = clock;
    clock.isBusy = () => this.#underWay > 0;
    this.list = [...list];
  }

  servers(): readonly Server[] {
    return this.list;
  }

  storeOf({ name }: Server): Store {
    return new Store(this.folder, name, this.#disk);
  }

  maxParallelServers(): number {
    return this.atOnce;
  }

  async run(server: Server, attempt: Attempt, signal: AbortSignal): Promise<unknown> {
    throwIfAborted(signal);
    const store = this.storeOf(server);
    fs.mkdirSync(store.layout.runs, { recursive: true });
    await using _lock = store.lock(this.#clock);
    if (!(await attempt.isDue())) throw new BackupError('locked', 'done by another window');
    const now = this.#clock.now();
    this.starts.set(server.name, [...(this.starts.get(server.name) ?? []), now]);
    this.willRetry.push(attempt.willRetry);
    const kind = this.failures.shift();
    if (kind !== 'locked') this.leaveReport(server, now, kind);
    if (kind) throw new BackupError(kind, 'failed');
    return undefined;
  }

  leaveReport(server: Server, started: number, kind?: ErrorKind): void {
    const store = this.storeOf(server);
    fs.mkdirSync(store.layout.runs, { recursive: true });
    const id = snapshotIdAt(started);
    const counts = { files: 1, bytes: 1, fetchedFiles: 1, fetchedBytes: 1, linkedFiles: 0 };
    const report: Partial<RunReport> = {
      server: server.name,
      endpoint: 'local://',
      snapshot: id,
      status: kind ? 'failed' : 'complete',
      started: new Date(started).toISOString(),
      finished: new Date(started).toISOString(),
      seconds: 0,
      ...counts,
      skipped: [],
      warnings: [],
      ...(kind && { error: { kind, message: kind } }),
    };
    fs.writeFileSync(store.layout.runReport(id), JSON.stringify(report));
  }

  overdue({ name }: Server, overdue: Overdue): Promise<void> {
    this.told.push({ server: name, overdue });
    return Promise.resolve();
  }

  trouble(_server: Server, error: unknown): void {
    this.troubles.push(error);
  }

  #watchedDisk(): Disk {
    const counted = new Set(['namesIn', 'rename', 'remove']);
    const disk = watchedDisk(
      (name) => (this.#underWay += counted.has(name) ? 1 : 0),
      (name) => (this.#underWay -= counted.has(name) ? 1 : 0),
    );
    const during = async <T>(work: Promise<T>): Promise<T> => {
      this.#underWay += 1;
      try {
        return await work;
      } finally {
        this.#underWay -= 1;
      }
    };
    return {
      ...disk,
      openFile: (path, mode) => during(disk.openFile(path, mode)),
      readFile: async function* (path, start) {
        const chunks = disk.readFile(path, start)[Symbol.asyncIterator]();
        for (;;) {
          const next = await during(chunks.next());
          if (next.done === true) return;
          yield next.value;
        }
      },
    };
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
