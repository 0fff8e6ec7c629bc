import type { Clock } from '../../base/clock';
import { throwIfAborted } from '../../base/abort';
import { asRunError, BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { hasSizeOf } from '../../model/fileSize';
import type { ManifestEntry, SkipReason } from '../../model/manifest';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import type { RunProgress } from '../../model/progress';
import type { Selection } from '../../model/selection';
import { UnknownParts } from '../../model/unknownParts';
import type { Scanned } from '../../sources/source';
import type { FormerEntry, FormerSnapshot } from '../../store/formerSnapshot';
import type { Staging } from '../../store/staging';
import type { Confirmed } from './confirmContents';
import { isUnchanged } from './decide';
import { settling } from '../../model/racyClean';

export interface PlanningOptions {
  readonly staging: Staging;
  readonly former: FormerSnapshot | undefined;
  readonly selection: Selection;
  readonly clock: Clock;
  readonly progress: RunProgress;
  /** Whether it is worth looking for what was renamed or moved. */
  readonly findsTwins: boolean;
  /** Where all content is compared: what is known to be the same. Absent: size and time decide. */
  readonly confirmed?: Confirmed | undefined;
}

/** Decides what becomes of each entry, as the scan meets it. */
export class Planning {
  readonly #staging: Staging;
  readonly #former: FormerSnapshot | undefined;
  readonly #selection: Selection;
  readonly #clock: Clock;
  readonly #progress: RunProgress;
  readonly #findsTwins: boolean;
  readonly #confirmed: Confirmed | undefined;
  /** What is not known this time: what the last snapshot has of it is carried over. */
  readonly #unknown = new UnknownParts();
  #listedAnything = false;
  #different = false;
  #firstFailure: BackupError | undefined;
  readonly #found = { file: 0, directory: 0, symlink: 0, other: 0 };

  constructor(options: PlanningOptions) {
    this.#staging = options.staging;
    this.#former = options.former;
    this.#selection = options.selection;
    this.#clock = options.clock;
    this.#progress = options.progress;
    this.#findsTwins = options.findsTwins;
    this.#confirmed = options.confirmed;
  }

  /** Whether anything was found that the last snapshot does not have in the same state. */
  get foundDifference(): boolean {
    return this.#different;
  }

  /** Whether everything could be listed and there is not one file: nothing, or only folders or also links. */
  get foundNoFile(): false | 'only folders' | 'links' {
    const { file, symlink, other } = this.#found;
    if (file > 0 || this.#firstFailure) return false;
    return symlink + other > 0 ? 'links' : 'only folders';
  }

  /** Throws the first failure if not a single included path could be listed: then nothing is known. */
  async plan(scan: AsyncIterable<Scanned>, signal: AbortSignal): Promise<void> {
    const former = this.#former?.entries() ?? noEntries();
    const pairs = mergeInFolderOrder(scan, former, pathOfScanned, ({ entry }) => entry.path);
    for await (const { left, right } of pairs) {
      throwIfAborted(signal);
      if (left) await this.#planScanned(left, right);
      else if (right) await this.#planUnmet(right);
    }
    if (!this.#listedAnything && this.#firstFailure) throw asRunError(this.#firstFailure);
    this.#progress.scanned = true;
  }

  async #planScanned(scanned: Scanned, former: FormerEntry | undefined): Promise<void> {
    this.#progress.entries += 1;
    if (scanned.error) {
      this.#firstFailure ??= scanned.error;
      await this.#planUnlisted(scanned, reasonOf(scanned.error), former);
      return;
    }
    this.#listedAnything = true;
    const { entry, partly } = scanned;
    this.#found[entry.type] += 1;
    this.#firstFailure ??= partly;
    if (former?.entry.type !== entry.type || former.entry.target !== entry.target) {
      this.#different = true;
    }
    try {
      if (partly) await this.#planPartly(entry, reasonOf(partly));
      else await this.#planEntry(entry, former);
    } catch (error) {
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      await this.#staging.addSkipped(entry.path, entry.type, reasonOf(error));
    }
  }

  async #planEntry(entry: Entry, former: FormerEntry | undefined): Promise<void> {
    if (entry.type === 'directory') await this.#staging.addFolder(entry);
    else if (entry.type === 'file') await this.#planFile(entry, former);
    else await this.#staging.addRecorded(entry);
  }

  async #planFile(entry: Entry, former: FormerEntry | undefined): Promise<void> {
    const unchanged =
      former && this.#former && isUnchanged(entry, former.entry, this.#former.header);
    const isDoubted = this.#confirmed?.has(entry.path) === false;
    if (unchanged && !isDoubted && (await this.#staging.addUnchanged(entry, former))) return;
    this.#different = true;
    if (await this.#staging.addFetchedBefore(entry)) return;
    const wait = settling(entry, this.#clock.now());
    const notBefore = wait === 0 ? 0 : this.#clock.monotonic() + wait;
    // What is read only to compare it takes no space again, if it is the same.
    const twin = unchanged ? former.entry : await this.#twinOf(entry, former);
    await this.#staging.addWanted(entry, former?.entry, notBefore, twin);
  }

  /**
   * What the last snapshot may have of the file at another path. A file that only changed its content,
   * not its size, has the better basis at its own.
   */
  async #twinOf(entry: Entry, former: FormerEntry | undefined): Promise<ManifestEntry | undefined> {
    if (!this.#findsTwins || (former && hasSizeOf(entry, former.entry))) return undefined;
    return this.#former?.twinOf(entry);
  }

  /** A folder in which there may be more than the scan meets. The root is no entry, but is reported. */
  async #planPartly(entry: Entry, reason: SkipReason): Promise<void> {
    this.#unknown.addPartly(entry.path);
    if (entry.path === '') this.#staging.reportRoot(reason);
    else await this.#staging.addFolder(entry, reason);
  }

  /** A folder that failed to list is not empty but unknown; a path that failed altogether likewise. */
  async #planUnlisted(
    scanned: Scanned & { readonly error: BackupError },
    reason: SkipReason,
    former: FormerEntry | undefined,
  ): Promise<void> {
    const path = scanned.entry?.path ?? scanned.path;
    this.#unknown.addAll(path);
    this.#listedAnything ||= this.#isTold(scanned);
    if (!former) this.#different = true;
    // The root is no entry; where it is unknown, nothing is known and the run fails.
    if (path === '') return;
    if (scanned.entry?.type === 'directory') {
      await this.#staging.addFolder(scanned.entry, reason);
    } else if (former) {
      if (!(await this.#staging.addCarried(former, reason))) await this.#reportLost(former, reason);
    } else {
      await this.#staging.addSkipped(path, scanned.entry?.type ?? 'other', reason);
    }
  }

  /** Whether it is a name that a folder told: then the folder itself was listed. */
  #isTold({ entry, path }: Scanned & { readonly error: BackupError }): boolean {
    return !entry && !this.#selection.include.includes(path);
  }

  /** An entry of the last snapshot that the scan did not meet: deleted, unless it is unknown. */
  async #planUnmet(former: FormerEntry): Promise<void> {
    const { path } = former.entry;
    if (!this.#unknown.has(path) || this.#selection.excludes(former.entry)) {
      this.#different = true;
      return;
    }
    if (!(await this.#staging.addCarried(former))) {
      await this.#reportLost(former, {
        kind: 'changed',
        message: 'It could not be read this time, and its file in the last snapshot was edited.',
      });
    }
  }

  #reportLost(former: FormerEntry, reason: SkipReason): Promise<void> {
    this.#different = true;
    return this.#staging.addSkipped(former.entry.path, former.entry.type, reason);
  }
}

function pathOfScanned(scanned: Scanned): string {
  return scanned.error ? scanned.path : scanned.entry.path;
}

function reasonOf(error: BackupError): SkipReason {
  return { kind: error.kind, message: error.message };
}

async function* noEntries(): AsyncGenerator<FormerEntry, void, undefined> {
  // There is no former snapshot.
}
