import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { compareInFolderOrder, isWithin, parentOf, type RemotePath } from '../../model/remotePath';
import type { Selection } from '../../model/selection';
import { resolveTarget } from '../followLink';
import type { HadContent, Scanned } from '../source';
import { extentOf } from './fetching';
import { filterRules } from './filterRules';
import type { Lists } from './lists';
import { openList, rootEntry, type OpenList } from './openList';
import type { RsyncServer } from './rsyncServer';
import { whyNotEmpty } from './secondLook';

/** As many as Linux follows before it gives up (SYMLOOP_MAX). */
const mostLinks = 40;
/** The server is asked to be patient with us now and then, so that an abort gets through. */
const entriesPerTurn = 4096;

/** A part of a list, shown at another place if links were followed to get there. */
interface Part {
  readonly list: OpenList;
  position: number;
  readonly end: number;
  readonly real: RemotePath;
  readonly shown: RemotePath;
}

/** Turns whole lists of the server into the entries of the selection, in folder order. */
export class Scanning {
  readonly #server: RsyncServer;
  readonly #selection: Selection;
  readonly #signal: AbortSignal;
  readonly #hadContent: HadContent | undefined;
  readonly #lists: Lists;
  /** Lists that links may lead into. */
  readonly #known = new Map<RemotePath, OpenList>();

  constructor(
    server: RsyncServer,
    selection: Selection,
    lists: Lists,
    signal: AbortSignal,
    hadContent?: HadContent,
  ) {
    this.#server = server;
    this.#selection = selection;
    this.#lists = lists;
    this.#signal = signal;
    this.#hadContent = hadContent;
  }

  async *scan(): AsyncGenerator<Scanned, void, undefined> {
    for (const root of await this.#roots()) {
      throwIfAborted(this.#signal);
      let part: Part | Entry;
      try {
        part = await this.#partOf(root);
      } catch (error) {
        throwIfAborted(this.#signal);
        if (!(error instanceof BackupError) || error.scope === 'run') throw error;
        yield { path: root, error };
        continue;
      }
      if ('list' in part) yield* this.#entries(part);
      else yield { entry: part };
    }
  }

  /** The root of a daemon is no folder, but its modules are. */
  async #roots(): Promise<readonly RemotePath[]> {
    const { include } = this.#selection;
    if (!this.#server.isDaemon || !include.includes('' as RemotePath)) return include;
    const modules = await this.#server.modules(this.#signal);
    return (modules as RemotePath[]).sort(compareInFolderOrder);
  }

  /** An included path that is a link is followed: the person pointed at it. */
  async #partOf(root: RemotePath): Promise<Part | Entry> {
    let real = root;
    let link: Entry | undefined;
    for (let hops = 0; hops < mostLinks; hops += 1) {
      const list = await this.#listOf(real, link);
      if (!list) break;
      const entry = rootEntry(list);
      if (entry?.type !== 'symlink') {
        return { list, position: 0, end: list.listing.length, real, shown: root };
      }
      link ??= entry;
      const next = this.#targetOf(entry);
      if (next === undefined) break;
      real = next;
    }
    if (link) return { ...link, path: root };
    throw new BackupError('protocol', 'The server does not list what was asked for.');
  }

  /** Undefined if a link led to something that cannot be listed. */
  async #listOf(root: RemotePath, link: Entry | undefined): Promise<OpenList | undefined> {
    try {
      return await this.#list(root);
    } catch (error) {
      const isFinal = error instanceof BackupError && error.scope === 'entry' && !error.transient;
      if (link && isFinal) return undefined;
      throw error;
    }
  }

  async #list(root: RemotePath): Promise<OpenList> {
    const known = this.#known.get(root);
    if (known) return known;
    const extent = extentOf(root, this.#server);
    const rules = filterRules(this.#selection, root, extent);
    const question = { root, extent, recursive: true, digests: false, rules };
    const list = await openList(this.#server, question, this.#signal);
    this.#lists.keep(list);
    if (this.#selection.links === 'follow') this.#known.set(root, list);
    return list;
  }

  #targetOf({ path, target }: Entry): RemotePath | undefined {
    if (target === undefined) return undefined;
    // What a daemon's disk calls "/" is none of the paths that it shows.
    if (this.#server.isDaemon && target.startsWith('/')) return undefined;
    return resolveTarget(path, target);
  }

  async *#entries(whole: Part): AsyncGenerator<Scanned, void, undefined> {
    const parts = [whole];
    let count = 0;
    for (let part = parts.at(-1); part; part = parts.at(-1)) {
      if (part.position >= part.end) {
        parts.pop();
        continue;
      }
      if ((count += 1) % entriesPerTurn === 0) throwIfAborted(this.#signal);
      const { listing } = part.list;
      const at = part.position;
      part.position += 1;
      const real = listing.entry(at);
      const entry = placed(real, part);
      if (this.#selection.excludes(entry)) {
        part.position = this.#behind(part, at, real);
        continue;
      }
      if (real.type === 'symlink' && this.#selection.links !== 'record') {
        const target = await this.#followed(real, entry);
        if (target && 'list' in target) parts.push(target);
        else if (target) yield { entry: target };
        continue;
      }
      const error = await this.#fault(part, at, entry);
      if (error) {
        part.position = this.#behind(part, at, real);
        yield { path: entry.path, entry, error };
      } else if (entry.path !== '') {
        yield { entry };
      }
    }
  }

  /** Why nothing is known of what is in an entry. A folder that was not empty before is asked about again. */
  async #fault(part: Part, position: number, shown: Entry): Promise<BackupError | undefined> {
    const { faults, listing } = part.list;
    const real = listing.entry(position);
    const known = faults.get(real.path);
    if (known || real.type !== 'directory') return known;
    if (this.#behind(part, position, real) > position + 1) return undefined;
    if ((await this.#hadContent?.(shown.path)) !== true) return undefined;
    const isKept = (entry: Entry): boolean =>
      !this.#selection.excludes(placed(entry, { real: real.path, shown: shown.path }));
    return whyNotEmpty(this.#server, real.path, isKept, this.#signal);
  }

  /** The position behind an entry and all that is in it. */
  #behind(part: Part, position: number, { path, type }: Entry): number {
    let next = position + 1;
    if (type !== 'directory') return next;
    while (next < part.end && isWithin(part.list.listing.path(next), path)) next += 1;
    return next;
  }

  /** What a link stands for: nothing, itself, a file, or a folder that appears in its place. */
  async #followed(real: Entry, shown: Entry): Promise<Part | Entry | undefined> {
    if (this.#selection.links === 'skip') return undefined;
    const found = await this.#resolve(real);
    if (!found) return shown;
    const { list, position } = found;
    const target = list.listing.entry(position);
    const placedTarget: Entry = { ...target, path: shown.path, readFrom: target.path };
    if (target.type !== 'directory') {
      return this.#selection.excludes(placedTarget) ? undefined : placedTarget;
    }
    const above = [parentOf(real.path), parentOf(shown.path)];
    if (above.some((folder) => isWithin(folder, target.path))) return shown;
    const part = { list, position, end: 0, real: target.path, shown: shown.path };
    return { ...part, end: this.#behind({ ...part, end: list.listing.length }, position, target) };
  }

  /** Where a link leads in the end, if that lies inside the selection. */
  async #resolve(link: Entry): Promise<{ list: OpenList; position: number } | undefined> {
    let current = link;
    for (let hops = 0; hops < mostLinks; hops += 1) {
      const path = this.#targetOf(current);
      if (path === undefined || !this.#selection.covers(path)) return undefined;
      const root = this.#selection.include.find((included) => isWithin(path, included));
      const list = root === undefined ? undefined : await this.#listOf(root, link);
      const position = list?.listing.find(path);
      if (!list || position === undefined) return undefined;
      current = list.listing.entry(position);
      if (current.type !== 'symlink') return { list, position };
    }
    return undefined;
  }
}

/** Below a followed link, entries appear under the link's path and are read from the real one. */
function placed(entry: Entry, { real, shown }: Pick<Part, 'real' | 'shown'>): Entry {
  if (real === shown) return entry;
  const path = (shown + entry.path.slice(real.length)) as RemotePath;
  return { ...entry, path, readFrom: entry.path };
}
