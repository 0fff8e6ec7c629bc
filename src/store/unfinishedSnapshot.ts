import path from 'node:path';
import { messageOf } from '../base/errors';
import type { Clock } from '../base/clock';
import type { Log } from '../base/log';
import type { ManifestEntry, ManifestHeader, ManifestTotals, NameDecoder } from '../model/manifest';
import type { RunProgress } from '../model/progress';
import type { RemotePath } from '../model/remotePath';
import { Arrivals } from './arrivals';
import { assemble } from './assembly';
import { diskAbilities } from './description';
import { Journal } from './journal';
import { PlanFile } from './planFile';
import { publishAt, withdrawUnpublished } from './publishing';
import { Room } from './room';
import { Staging, type Unfinished } from './staging';
import type { Store } from './store';

export interface UnfinishedOptions {
  readonly header: ManifestHeader;
  readonly progress: RunProgress;
  readonly clock: Clock;
  readonly log: Log;
  /** How the names of the server are shown. */
  readonly decode: NameDecoder;
  readonly onWarning: (path: RemotePath, message: string) => void;
}

/**
 * The snapshot that a run is making, below `partial/`: never shown as a snapshot, continued by the
 * next run if this one is interrupted. Only with the store's lock.
 */
export class UnfinishedSnapshot implements AsyncDisposable {
  readonly staging: Staging;
  readonly arrivals: Arrivals;
  readonly #parts: Unfinished;
  readonly #options: UnfinishedOptions;
  #closed = false;

  private constructor(parts: Unfinished, options: UnfinishedOptions) {
    this.#parts = parts;
    this.#options = options;
    this.staging = new Staging(parts);
    this.arrivals = new Arrivals(parts, options.onWarning);
  }

  static async begin(store: Store, options: UnfinishedOptions): Promise<UnfinishedSnapshot> {
    const { disk, layout } = store;
    await withdrawUnpublished(store, options.log);
    await removeOrphans(store);
    const abilities = await diskAbilities(disk, layout);
    disk.makeFolder(layout.partialTree);
    const former = await store.newest(options.log);
    const journal = await Journal.open(disk, layout.inPartial('journal'), options.decode);
    try {
      if (journal.continues) options.log.info('Continuing where an earlier run was interrupted.');
      const continued = journal.continues || (await disk.namesIn(layout.partialTree)).length > 0;
      const plan = await PlanFile.create(disk, layout.inPartial('plan'), options.decode);
      const { clock, progress, header } = options;
      const { endpoint } = header;
      const parts = {
        ...{ disk, layout, abilities, plan, journal, former, progress, continued },
        ...{ clock, endpoint, room: new Room(disk, layout.partial) },
      };
      return new UnfinishedSnapshot(parts, options);
    } catch (error) {
      await journal.close();
      throw error;
    }
  }

  get former(): Unfinished['former'] {
    return this.#parts.former;
  }

  /** All entries have been planned. */
  endPlan(): Promise<void> {
    return this.#parts.plan.end();
  }

  /**
   * Makes the snapshot visible: everything is synced, the tree moved to its dated place, and the
   * manifest, by which a snapshot exists, renamed last.
   */
  async publish(
    transfer: Pick<ManifestTotals, 'finished' | 'receivedBytes'>,
    onSkipped: (entry: ManifestEntry) => void,
  ): Promise<ManifestTotals> {
    const { disk, layout, progress } = this.#parts;
    const { header, decode, log } = this.#options;
    const { fetchedFiles, fetchedBytes, linkedFiles } = progress;
    const counted = { ...transfer, fetchedFiles, fetchedBytes, linkedFiles };
    const totals = await assemble(this.#parts, header, counted, decode, onSkipped);
    await this.#close();
    await publishAt(disk, layout, header.snapshot);
    // The snapshot is there. What is left below `partial/` is in nobody's way; the next run removes it.
    await disk.remove(layout.partial).catch((error: unknown) => {
      log.warn(`The remains of the run could not be removed: ${messageOf(error)}`);
    });
    return totals;
  }

  /** Leaves what is there for the next run. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close('interrupted');
  }

  async #close(state?: 'interrupted'): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    const { plan, journal, disk, layout } = this.#parts;
    await this.arrivals[Symbol.asyncDispose]();
    try {
      await plan.close();
      // The next run plans anew. On a full disk this makes room for the journal, without which it begins anew.
      if (state) await disk.remove(layout.inPartial('plan'));
    } finally {
      await journal.close();
    }
  }
}

/** Removes what earlier runs left behind and what is no folder of ours where one should be. */
async function removeOrphans({ disk, layout }: Store): Promise<void> {
  for (const folder of [layout.inodes, layout.parity, layout.damage])
    for (const name of await disk.namesIn(folder))
      if (!disk.stat(layout.manifest(name))) await disk.remove(path.join(folder, name));
  await disk.remove(layout.repair);
  for (const folder of [layout.partial, layout.partialTree, layout.halves])
    if (disk.stat(folder)?.type === 'other') await disk.remove(folder);
}
