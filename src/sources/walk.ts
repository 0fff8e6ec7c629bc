import { abortable, cancelled, throwIfAborted } from '../base/abort';
import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';
import { retry } from '../base/retry';
import type { Entry } from '../model/entry';
import { compareInFolderOrder, isWithin, type RemotePath } from '../model/remotePath';
import type { Scope } from '../model/selection';
import type { FileServer } from './fileServer';
import { childFolder, newFolder, upcoming, type Folder } from './folderTree';
import { followLink } from './followLink';
import { listKnown, type KnownContent } from './listKnown';
import type { HadContent, Scanned } from './source';

/** Listings that may wait ahead of the scan: enough to hide latency, few enough to bound memory. */
const mostFoldersAhead = 256;
/** Followed links may lead through so many others: each can double what is copied. */
const mostJumps = 40;
const mostEntriesAhead = 10_000;

/**
 * Walks the selection of a server in folder order, listing several folders ahead of the place where
 * the scan is. Each folder is listed once. Memory is bounded by the folders on the way down and a
 * fixed number ahead, however large the tree.
 */
export class Walk {
  readonly #server: FileServer;
  readonly #selection: Scope;
  readonly #clock: Clock;
  readonly #hadContent: HadContent | undefined;
  /** Aborts what is under way when the scan ends, however it ends. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  /** The first failure of a listing ahead that concerns the run. */
  #fatal: { readonly error: unknown } | undefined;
  /** The folders on the way from the included path to where the scan is; the last one is the innermost. */
  readonly #stack: Folder[] = [];
  /** Asks for the folder that the scan waits for, if there was no slot for it yet. */
  #needed: (() => void) | undefined;
  #underWay = 0;
  #foldersAhead = 0;
  #entriesAhead = 0;

  constructor(
    server: FileServer,
    selection: Scope,
    clock: Clock,
    signal: AbortSignal,
    hadContent?: HadContent,
  ) {
    this.#server = server;
    this.#hadContent = hadContent;
    this.#selection = selection;
    this.#clock = clock;
    this.#signal = AbortSignal.any([signal, this.#stop.signal]);
  }

  async *scan(): AsyncGenerator<Scanned, void, undefined> {
    try {
      yield* this.#includedPaths();
    } catch (error) {
      throw this.#fatal ? this.#fatal.error : error;
    } finally {
      this.#stop.abort(cancelled());
    }
  }

  async *#includedPaths(): AsyncGenerator<Scanned, void, undefined> {
    for (const path of this.#selection.include) {
      throwIfAborted(this.#signal);
      let entry: Entry;
      try {
        entry = await this.#includedEntry(path);
      } catch (error) {
        throwIfAborted(this.#signal);
        yield { path, error: entryError(error) };
        continue;
      }
      if (entry.type !== 'directory') yield { entry };
      else yield* this.#below(entry);
    }
  }

  /** An included path that is a link is followed: the person pointed at it. */
  async #includedEntry(path: RemotePath): Promise<Entry> {
    const entry = await this.#retried(() => this.#server.stat(path, this.#signal));
    if (entry.type !== 'symlink') return entry;
    const target = await this.#retried(() => followLink(this.#server, entry, this.#signal));
    return target ? { ...target, path, readFrom: target.path } : entry;
  }

  async *#below(root: Entry): AsyncGenerator<Scanned, void, undefined> {
    const top = newFolder(root.path, root.readFrom ?? root.path);
    yield* this.#enter(top, root);
    const positions = [0];
    for (let folder = this.#stack.at(-1); folder; folder = this.#stack.at(-1)) {
      throwIfAborted(this.#signal);
      const position = positions.pop() ?? 0;
      const entry = folder.entries[position];
      if (!entry) {
        this.#stack.pop();
        continue;
      }
      positions.push(position + 1);
      const child = entry.type === 'directory' ? folder.folders.pop() : undefined;
      if (!child) yield metIn(folder, entry);
      else yield* this.#enter(child, entry);
      if (child && this.#stack.at(-1) === child) positions.push(0);
    }
  }

  /** Waits for the folder's listing and makes it the innermost, or reports that it is unknown. */
  async *#enter(folder: Folder, entry: Entry): AsyncGenerator<Scanned, void, undefined> {
    if (folder.state === 'known') await this.#askFirst(folder);
    await abortable(folder.arrived ?? Promise.resolve(), this.#signal);
    this.#foldersAhead -= 1;
    this.#entriesAhead -= folder.entries.length;
    if (folder.error === undefined) this.#stack.push(folder);
    this.#askAhead();
    if (folder.error !== undefined) {
      yield { path: folder.path, entry, error: entryError(folder.error) };
    } else if (folder.partly !== undefined) {
      yield { entry, partly: folder.partly };
    } else if (folder.path !== '') {
      yield { entry };
    }
  }

  /** Asks for the folder that the scan waits for, before any that lies ahead. */
  async #askFirst(folder: Folder): Promise<void> {
    const asked = new Promise<void>((resolve) => {
      this.#needed = () => {
        this.#needed = undefined;
        this.#ask(folder);
        resolve();
      };
    });
    if (this.#hasSlot()) this.#needed?.();
    await abortable(asked, this.#signal);
  }

  #hasSlot(): boolean {
    return this.#underWay < Math.max(1, this.#server.listingWidth);
  }

  #askAhead(): void {
    if (this.#hasSlot()) this.#needed?.();
    if (this.#full()) return;
    for (const folder of upcoming(this.#stack)) {
      this.#ask(folder);
      if (this.#full()) return;
    }
  }

  #full(): boolean {
    return (
      !this.#hasSlot() ||
      this.#foldersAhead >= mostFoldersAhead ||
      this.#entriesAhead >= mostEntriesAhead ||
      this.#signal.aborted
    );
  }

  #ask(folder: Folder): void {
    folder.state = 'asked';
    this.#underWay += 1;
    this.#foldersAhead += 1;
    folder.arrived = this.#listing(folder)
      .then(
        ({ entries, faults, partly }) => {
          folder.entries = entries;
          folder.faults = faults;
          folder.partly = partly;
          folder.folders = entries
            .filter((entry) => entry.type === 'directory')
            .map((entry) => childFolder(entry, folder))
            .reverse();
          folder.state = 'listed';
          this.#entriesAhead += entries.length;
        },
        (error: unknown) => {
          folder.state = 'failed';
          folder.error = error;
          if (!(error instanceof BackupError) || error.scope === 'run') this.#end(error);
        },
      )
      .then(() => {
        this.#underWay -= 1;
        this.#askAhead();
      });
  }

  /** What concerns the run ends the scan at once, not only when it gets to that folder. */
  #end(error: unknown): void {
    this.#fatal ??= { error };
    this.#stop.abort(cancelled());
  }

  /** What the selection keeps of a folder, in folder order, under the paths where it appears. */
  async #listing(folder: Folder): Promise<KnownContent> {
    const listed = await this.#retried(() =>
      listKnown(this.#server, folder, this.#signal, this.#hadContent),
    );
    const wanted = listed.entries.filter((entry) => !this.#selection.excludes(entry));
    const entries = await this.#applyLinkPolicy(wanted, folder);
    entries.sort((left, right) => compareInFolderOrder(left.path, right.path));
    return { ...listed, entries };
  }

  async #applyLinkPolicy(entries: Entry[], folder: Folder): Promise<Entry[]> {
    switch (this.#selection.links) {
      case 'record':
        return entries;
      case 'skip':
        return entries.filter((entry) => entry.type !== 'symlink');
      case 'follow': {
        const followed = await this.#followAll(entries, folder);
        return followed.filter((entry) => !this.#selection.excludes(entry));
      }
    }
  }

  /** Follows as many links at once as listings could be under way, and counts them as such. */
  async #followAll(entries: readonly Entry[], folder: Folder): Promise<Entry[]> {
    const followed: Entry[] = [];
    while (followed.length < entries.length) {
      const further = Math.max(0, this.#server.listingWidth - this.#underWay);
      const batch = entries.slice(followed.length, followed.length + 1 + further);
      this.#underWay += further;
      try {
        followed.push(...(await Promise.all(batch.map((entry) => this.#follow(entry, folder)))));
      } finally {
        this.#underWay -= further;
      }
    }
    return followed;
  }

  /** Follows a link that stays inside the selection and does not lead back up; records any other. */
  async #follow(entry: Entry, folder: Folder): Promise<Entry> {
    if (entry.type !== 'symlink') return entry;
    const real = { ...entry, path: entry.readFrom ?? entry.path };
    const target = await this.#retried(() => followLink(this.#server, real, this.#signal));
    if (!target || !this.#selection.covers(target.path)) return entry;
    if (target.type === 'directory') {
      const above = [folder.path, folder.realPath, ...folder.jumps];
      if (above.length > mostJumps || above.some((path) => isWithin(path, target.path)))
        return entry;
    }
    return { ...target, path: entry.path, readFrom: target.path };
  }

  #retried<T>(operation: () => Promise<T>): Promise<T> {
    return retry(() => abortable(operation(), this.#signal), this.#clock, this.#signal);
  }
}

/** The error of one entry; what concerns the run is thrown. */
function entryError(error: unknown): BackupError {
  if (error instanceof BackupError && error.scope === 'entry') return error;
  throw error;
}

function metIn(folder: Folder, entry: Entry): Scanned {
  const error = folder.faults.get(entry.path);
  return error === undefined ? { entry } : { path: entry.path, error };
}
