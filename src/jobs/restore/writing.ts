import { abortReason, cancelled, throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import { Slots } from '../../base/slots';
import { isWithin, nameOf, parentOf, type RemotePath } from '../../model/remotePath';
import type { Target } from '../../targets/target';
import type { PlannedAction } from './plannedAction';
import type { Placing } from './placing';
import type { Touched } from './touched';

export interface WritingOptions {
  readonly target: Target;
  readonly placing: Placing;
  /** Folders in which something is written. */
  readonly touched: Touched;
  readonly signal: AbortSignal;
  readonly onDone: (action: PlannedAction) => void;
  /** What concerns one entry; the restore goes on. */
  readonly onFailed: (action: PlannedAction, error: BackupError) => void;
}

/** A folder on the way down to where the writing is. */
interface OpenFolder {
  readonly place: RemotePath;
  /** Resolves with why nothing can be written in it, if so. */
  readonly ready: Promise<BackupError | undefined>;
}

/** Carries out a plan, several entries at once. Each pass reads the plan from its beginning. */
export class Writing {
  readonly #options: WritingOptions;
  readonly #slots: Slots;
  readonly #open: OpenFolder[] = [];
  readonly #refused = new Map<RemotePath, BackupError>();
  /** Folders that could not be made. */
  readonly #unmade = new Set<RemotePath>();
  #lastMade: OpenFolder | undefined;

  constructor(options: WritingOptions) {
    this.#options = options;
    this.#slots = new Slots(() => options.target.writingWidth);
  }

  /**
   * Finds out with an empty file where the server lets us write, before anything travels. Throws the
   * reason if it is nowhere.
   */
  async probe(actions: AsyncIterable<PlannedAction>): Promise<void> {
    const { placing } = this.#options;
    let last: RemotePath | undefined;
    let made: RemotePath | undefined;
    let probed = 0;
    await this.#each(actions, (action) => {
      const { place, entry, before, how } = action;
      const folder = parentOf(place);
      // A folder that is to be made cannot be tried.
      const isToBeMade = made !== undefined && place !== made && isWithin(place, made);
      if (!writes(action) || how === 'leftover' || isToBeMade) return undefined;
      if (entry.type === 'directory' && before?.type !== 'directory') made = place;
      if (folder === last) return undefined;
      last = folder;
      return async () => {
        probed += 1;
        const refused = await placing.probe(folder).then(noFault, ofEntry);
        // One that is missing will be made, as the folders above an included path may be.
        if (refused && refused.kind !== 'not-found') this.#refused.set(folder, refused);
      };
    });
    const [first] = this.#refused.values();
    if (!first || this.#refused.size < probed) return;
    const message = `Nothing was written, as the server does not let us: ${first.message}`;
    throw new BackupError(first.kind, message, { cause: first, scope: 'run' });
  }

  /** Whether something may be tried, as far as `probe` has found. */
  isAllowed(action: PlannedAction): boolean {
    return !this.#refused.has(parentOf(action.place));
  }

  /** Removes what is in the way, and the unfinished files that an interrupted restore left. */
  async clear(actions: AsyncIterable<PlannedAction>): Promise<void> {
    await this.#remove(actions, ({ how, place }) => {
      return how === 'clear' || (how === 'leftover' && nameOf(place).endsWith('.part'));
    });
  }

  /** Creates and overwrites. */
  async write(actions: AsyncIterable<PlannedAction>): Promise<void> {
    await this.#each(actions, (action) => {
      if (action.action === 'same') {
        this.#enterExisting(action);
        return undefined;
      }
      if (action.action !== 'create' && action.action !== 'overwrite') return undefined;
      const parent = this.#parentOf(action);
      if (action.entry.type !== 'directory') return () => this.#attempt(action, parent);
      if (action.how === 'attributes') {
        this.#enterExisting(action);
        return undefined;
      }
      let made: (fault: BackupError | undefined) => void = () => undefined;
      const ready = new Promise<BackupError | undefined>((resolve) => (made = resolve));
      this.#enter(action.place, ready);
      return async () => {
        try {
          made(await this.#attempt(action, parent));
        } catch (error) {
          // Who waits for the folder must not wait for ever.
          made(cancelled());
          throw error;
        }
      };
    });
  }

  /** Deletes what the snapshot does not have, and what stood aside. */
  async delete(actions: AsyncIterable<PlannedAction>): Promise<void> {
    await this.#remove(actions, ({ how, place }) => {
      return how === undefined || (how === 'leftover' && nameOf(place).endsWith('.former'));
    });
  }

  /** Gives folders their rights and times: whatever was done in them has changed the times. */
  async settleFolders(actions: AsyncIterable<PlannedAction>): Promise<void> {
    const { placing, touched } = this.#options;
    await this.#each(actions, (action) => {
      const { entry, place } = action;
      if (entry.type !== 'directory' || !isKept(action) || !touched.has(place)) return undefined;
      if (this.#unmade.has(place)) return undefined;
      return async () => {
        try {
          await placing.attributesOnly(action);
          if (action.how === 'attributes') this.#options.onDone(action);
        } catch (error) {
          this.#options.onFailed(action, ofEntry(error));
        }
      };
    });
  }

  /** Resolves with the reason of a failure that concerns this entry. */
  async #attempt(
    action: PlannedAction,
    parent: Promise<BackupError | undefined>,
  ): Promise<BackupError | undefined> {
    try {
      const refused = (await parent) ?? this.#refused.get(parentOf(action.place));
      if (refused) throw refused;
      await this.#perform(action);
      this.#options.onDone(action);
      return undefined;
    } catch (error) {
      throwIfAborted(this.#options.signal);
      const known = ofEntry(error);
      if (action.entry.type === 'directory') this.#unmade.add(action.place);
      this.#options.onFailed(action, known);
      return known;
    }
  }

  #perform(action: PlannedAction): Promise<void> {
    const { placing } = this.#options;
    if (action.how === 'attributes') return placing.attributesOnly(action);
    switch (action.entry.type) {
      case 'directory':
        return placing.folder(action);
      case 'symlink':
        return placing.link(action);
      default:
        return placing.file(action);
    }
  }

  /** A folder that is there; where its owner may not write in it, that is mended for the while. */
  #enterExisting({ entry, place, before }: PlannedAction): void {
    if (entry.type !== 'directory') return;
    const mode = before?.mode ?? 0o700;
    const closed = (mode & 0o300) !== 0o300 && this.#options.touched.has(place);
    const ready = closed
      ? this.#options.placing
          .attributes({ place, type: 'directory' }, { mode: mode | 0o700 })
          .then(noFault, ofEntry)
      : Promise.resolve(undefined);
    this.#enter(place, ready);
  }

  #enter(place: RemotePath, ready: OpenFolder['ready']): void {
    this.#leaveOthers(place);
    // Who waits for it meets its failure; perhaps nobody does.
    ready.catch(() => undefined);
    this.#open.push({ place, ready });
  }

  #leaveOthers(place: RemotePath): void {
    while (this.#open.length > 0 && !isWithin(place, this.#open.at(-1)?.place ?? place)) {
      this.#open.pop();
    }
  }

  /** When the folder of an entry is there. Those above the snapshot's own are made where they are missing. */
  #parentOf({ place, before }: PlannedAction): Promise<BackupError | undefined> {
    this.#leaveOthers(place);
    const parent = parentOf(place);
    const innermost = this.#open.at(-1);
    if (innermost?.place === parent) return innermost.ready;
    if (before) return Promise.resolve(undefined);
    if (this.#lastMade?.place !== parent) {
      const above = innermost?.ready ?? Promise.resolve(undefined);
      const made = above.then((fault) => fault ?? this.#makeAbove(parent).then(noFault, ofEntry));
      made.catch(() => undefined);
      this.#lastMade = { place: parent, ready: made };
    }
    return this.#lastMade.ready;
  }

  async #makeAbove(folder: RemotePath): Promise<void> {
    const { target, signal } = this.#options;
    if (folder === '') return;
    try {
      await target.reader.stat(folder, signal);
      return;
    } catch (error) {
      if (!(error instanceof BackupError) || error.kind !== 'not-found') throw error;
    }
    await this.#makeAbove(parentOf(folder));
    await target.makeFolder(folder, signal);
  }

  /** Folders behind all that is in them: folder order is left in the order of a stack. */
  async #remove(
    actions: AsyncIterable<PlannedAction>,
    isMeant: (action: PlannedAction) => boolean,
  ): Promise<void> {
    const folders: PlannedAction[] = [];
    const leave = async (place: RemotePath | undefined): Promise<void> => {
      for (let last = folders.at(-1); last; last = folders.at(-1)) {
        if (place !== undefined && isWithin(place, last.place)) return;
        folders.pop();
        await this.#slots.idle();
        await this.#attemptRemoval(last);
      }
    };
    await this.#each(actions, async (action) => {
      if (action.action !== 'delete' || !isMeant(action)) return undefined;
      await leave(action.place);
      if (action.entry.type !== 'directory') return () => this.#attemptRemoval(action);
      folders.push(action);
      return undefined;
    });
    await leave(undefined);
  }

  async #attemptRemoval(action: PlannedAction): Promise<void> {
    try {
      await this.#options.placing.removal(action);
      this.#options.onDone(action);
    } catch (error) {
      throwIfAborted(this.#options.signal);
      this.#options.onFailed(action, ofEntry(error));
    }
  }

  /** Starts what `begin` gives for each action, in order and as many at once as the target bears. */
  async #each(
    actions: AsyncIterable<PlannedAction>,
    begin: (
      action: PlannedAction,
    ) => (() => Promise<unknown>) | undefined | Promise<(() => Promise<unknown>) | undefined>,
  ): Promise<void> {
    const failures: unknown[] = [];
    const { signal } = this.#options;
    for await (const action of actions) {
      if (signal.aborted || failures.length > 0) break;
      const work = await begin(action);
      if (!work) continue;
      await this.#slots.take();
      void work()
        .catch((error: unknown) => failures.push(error))
        .finally(() => this.#slots.giveBack());
    }
    await this.#slots.idle();
    if (signal.aborted) throw abortReason(signal);
    if (failures.length > 0) throw failures[0];
  }
}

function writes({ action }: PlannedAction): boolean {
  return action === 'create' || action === 'overwrite' || action === 'delete';
}

/** Whether it is an entry of the snapshot that is on the target afterwards, and is to be like it. */
function isKept({ action, reason }: PlannedAction): boolean {
  return (
    action === 'create' || action === 'overwrite' || (action === 'same' && reason === undefined)
  );
}

function noFault(): undefined {
  return undefined;
}

/** The error of one entry; what concerns the restore as a whole is thrown. */
function ofEntry(error: unknown): BackupError {
  if (error instanceof BackupError && error.scope === 'entry') return error;
  throw error;
}
