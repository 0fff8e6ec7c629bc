import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import type { Log } from '../../base/log';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { ManifestHeader } from '../../model/manifest';
import { RunProgress } from '../../model/progress';
import { absolute } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { SnapshotId } from '../../model/snapshotId';
import type { Sink, Wanted } from '../../model/transfer';
import type { FileServer } from '../../sources/fileServer';
import type { Scanned } from '../../sources/source';
import { WalkedSource } from '../../sources/walkedSource';
import { KeySet } from '../../store/keySet';
import type { Store } from '../../store/store';
import { UnfinishedSnapshot } from '../../store/unfinishedSnapshot';
import { decoderOf } from '../backUp/nameDecoder';
import { Planning } from '../backUp/planning';
import { version } from '../version';
import type { PlannedAction } from './plannedAction';

export interface SafetyOptions {
  /** Whose files are about to be overwritten. */
  readonly server: Server;
  readonly store: Store;
  readonly reader: FileServer;
  readonly actions: () => AsyncIterable<PlannedAction>;
  /** Of the snapshot that is restored. */
  readonly header: Pick<ManifestHeader, 'include'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
}

/** What was kept before anything was written. */
export interface Saved {
  readonly snapshot: SnapshotId;
  /** What was read for it; the rest was shared with the last backup, as it looked the same. */
  readonly read: KeySet;
}

/**
 * Fetches everything that is about to be overwritten or deleted into a snapshot of its own. What the
 * last backup has in the same state is shared with it. Undefined if there is nothing to be saved.
 *
 * Throws if anything could not be saved, before anything was written to the server: it is all or nothing.
 * Only with the store's lock.
 */
export async function makeSafetySnapshot(options: SafetyOptions): Promise<Saved | undefined> {
  const { store, clock } = options;
  await removeOrphanedPins(store);
  if (!(await isAnythingAtRisk(options.actions()))) return undefined;
  const apart = store.apart();
  const id = store.freeId(clock);
  try {
    return { snapshot: id, read: await fetchInto(apart, id, options) };
  } finally {
    await removeRemains(apart, id).catch(() => undefined);
  }
}

/** A tree that did not get its manifest first: as long as the unfinished one is there, it is known whose it is. */
async function removeRemains({ disk, layout }: Store, id: SnapshotId): Promise<void> {
  if (!disk.stat(layout.manifest(id))) await disk.remove(layout.snapshot(id));
  await disk.remove(layout.partial);
}

async function fetchInto(store: Store, id: SnapshotId, options: SafetyOptions): Promise<KeySet> {
  const { server, reader, clock, log, signal } = options;
  const progress = new RunProgress();
  const started = new Date(clock.now()).toISOString();
  const header: ManifestHeader = {
    ...{ format: 1, server: server.name, endpoint: endpointOf(server), snapshot: id, started },
    ...{ include: options.header.include, exclude: [], tool: `sauvegarde ${version}` },
  };
  await using unfinished = await UnfinishedSnapshot.begin(store, {
    ...{ header, progress, clock, log, decode: decoderOf(server) },
    onWarning: (path, message) => log.warn(`${absolute(path)}: ${message}`),
  });
  const { staging, arrivals, former } = unfinished;
  const selection = new Selection(header.include, [], 'record');
  const planning = new Planning({
    ...{ staging, former, selection, clock, progress },
    findsTwins: false,
  });
  const failing = new FailingSink(arrivals);
  await planning.plan(atRisk(options.actions()), signal);
  await unfinished.endPlan();
  const wait = async (notBefore: number): Promise<void> => {
    const milliseconds = notBefore - clock.monotonic();
    if (milliseconds > 0) await clock.sleep(milliseconds, signal);
  };
  const source = new WalkedSource(reader, clock);
  await source.fetch(staging.wanted(wait, signal), failing, signal);
  failing.check();
  if (progress.skipped > 0) throw notSaved();
  const finished = new Date(clock.now()).toISOString();
  // The pin comes first: without it the snapshot would pass for a backup that lost nearly everything.
  await store.pins.set(id, 'before-restore');
  try {
    await unfinished.publish({ finished, receivedBytes: reader.receivedBytes }, () => undefined);
  } catch (error) {
    await removeOrphanedPins(store);
    throw error;
  }
  return failing.received;
}

async function isAnythingAtRisk(actions: AsyncIterable<PlannedAction>): Promise<boolean> {
  for await (const _saved of atRisk(actions)) return true;
  return false;
}

/** What stands there of everything that will be written over or deleted, in folder order. */
async function* atRisk(
  actions: AsyncIterable<PlannedAction>,
): AsyncGenerator<Scanned, void, undefined> {
  for await (const { action, before, how } of actions) {
    const isWrittenOver = action === 'overwrite' || action === 'delete';
    if (!isWrittenOver || !before || how === 'attributes' || how === 'leftover') continue;
    yield { entry: before };
  }
}

/** A restore that ended between pinning and publishing left a pin for a snapshot that is not there. */
async function removeOrphanedPins({ disk, layout }: Store): Promise<void> {
  for (const id of await disk.namesIn(layout.pins)) {
    if (!disk.stat(layout.manifest(id))) await disk.remove(layout.pin(id));
  }
}

function notSaved(): BackupError {
  const message = 'Nothing was written, as what would be overwritten could not be saved first.';
  return new BackupError('protocol', message, { scope: 'run' });
}

/** Takes note of what was read, and of what could not be, so that nothing is written then. */
class FailingSink implements Sink {
  readonly received = new KeySet();
  readonly #next: Sink;
  readonly #failed: { readonly path: string; readonly error: BackupError }[] = [];
  #count = 0;

  constructor(next: Sink) {
    this.#next = next;
  }

  receive: Sink['receive'] = (wanted, entry, anew) => {
    this.received.add(wanted.entry.path);
    return this.#next.receive(wanted, entry, anew);
  };

  left: Sink['left'] = (wanted) => this.#next.left(wanted);

  warn: Sink['warn'] = (wanted, message) => this.#next.warn(wanted, message);

  skip(wanted: Wanted, error: BackupError): Promise<void> {
    this.#count += 1;
    if (this.#failed.length < 5) this.#failed.push({ path: absolute(wanted.entry.path), error });
    return this.#next.skip(wanted, error);
  }

  check(): void {
    const [first] = this.#failed;
    if (!first) return;
    const names = this.#failed.map(({ path }) => path).join(', ');
    const more =
      this.#count > this.#failed.length ? ` and ${this.#count - this.#failed.length} more` : '';
    throw new BackupError(
      first.error.kind,
      `Nothing was written, as what would be overwritten could not be saved first: ${names}${more} (${first.error.message}) Leave it out with a pattern such as '!${first.path}'.`,
      { cause: first.error, scope: 'run' },
    );
  }
}
