/** What stands on a target beside what the snapshot has, in folder order. */
import { throwIfAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import type { Entry } from '../../model/entry';
import type { ManifestEntry } from '../../model/manifest';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import { compareInFolderOrder, isWithin, nameOf, type RemotePath } from '../../model/remotePath';
import type { Scope } from '../../model/selection';
import { isTemporaryName } from '../../model/temporaryName';
import type { FileServer } from '../../sources/fileServer';
import type { Scanned } from '../../sources/source';
import { Walk } from '../../sources/walk';
import type { KeySet } from '../../store/keySet';
import type { Met } from './decide';

export interface ScopeOptions {
  readonly roots: readonly RemotePath[];
  /** Folders of other paths are looked into only if `looksInto` says so. */
  readonly known: Pick<KeySet, 'has'>;
  readonly looksInto: (folder: Entry) => boolean;
  readonly links: Scope['links'];
}

/** Where a walk over the target goes: no folder is listed that the restore has nothing to do with. */
export function scopeOf({ roots, known, looksInto, links }: ScopeOptions): Scope {
  return {
    include: roots,
    links,
    covers: (path) => roots.some((root) => isWithin(path, root)),
    excludes: ({ path, type }) =>
      type === 'directory' &&
      !known.has(path) &&
      !isTemporaryName(nameOf(path)) &&
      !looksInto({ path, type, size: 0, granularity: 1 }),
  };
}

/** By walking over a server, several folders at once. */
export async function* metOnServer(
  entries: AsyncIterable<ManifestEntry>,
  server: FileServer,
  scope: Scope,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Met, void, undefined> {
  const scan = new Walk(server, scope, clock, signal).scan();
  const pairs = mergeInFolderOrder(entries, scan, (entry: ManifestEntry) => entry.path, pathOf);
  for await (const { path, left, right } of pairs) {
    throwIfAborted(signal);
    // What is not there is known: it is to be made.
    const unknown = right?.error && right.error.kind !== 'not-found' ? right.error : undefined;
    const found = right?.error ? undefined : right?.entry;
    yield {
      place: path as RemotePath,
      ...(left && { wanted: left }),
      ...(found && { found }),
      ...(unknown && { unknown }),
    };
  }
}

function pathOf(scanned: Scanned): string {
  return scanned.error ? scanned.path : scanned.entry.path;
}

export interface PlacedEntry {
  readonly entry: ManifestEntry;
  /** Where it is to stand below the folder: its name may be one that the disk cannot hold. */
  readonly place: RemotePath;
}

/** So many entries are looked at at once. */
const batch = 64;

/**
 * By looking at each place of a folder on this computer: its names may be escaped, so that no walk would
 * be in the order of the snapshot.
 */
export async function* metInFolder(
  entries: AsyncIterable<PlacedEntry>,
  reader: FileServer,
  scope: Pick<ScopeOptions, 'known' | 'looksInto'>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Met, void, undefined> {
  const looking = new Looking(reader, scope, clock, signal);
  let some: PlacedEntry[] = [];
  for await (const placed of entries) {
    some.push(placed);
    if (some.length < batch) continue;
    yield* looking.at(some);
    some = [];
  }
  yield* looking.at(some);
}

class Looking {
  readonly #reader: FileServer;
  /** `known` has every place of the snapshot. */
  readonly #scope: Pick<ScopeOptions, 'known' | 'looksInto'>;
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  /** A place that is no folder now: nothing is looked for below it, least of all through a link. */
  #noFolder: RemotePath | undefined;

  constructor(
    reader: FileServer,
    scope: Pick<ScopeOptions, 'known' | 'looksInto'>,
    clock: Clock,
    signal: AbortSignal,
  ) {
    this.#reader = reader;
    this.#scope = scope;
    this.#clock = clock;
    this.#signal = signal;
  }

  async *at(some: readonly PlacedEntry[]): AsyncGenerator<Met, void, undefined> {
    throwIfAborted(this.#signal);
    const looks = await Promise.all(some.map(({ place }) => this.#look(place)));
    for (const [index, { entry, place }] of some.entries()) {
      const below = this.#noFolder !== undefined && isWithin(place, this.#noFolder);
      const { found, unknown } = below ? {} : (looks[index] ?? {});
      const isFolder = found?.type === 'directory';
      if (!isFolder && !below) this.#noFolder = place;
      yield { wanted: entry, place, ...(found && { found }), ...(unknown && { unknown }) };
      if (isFolder) yield* this.#extras(place);
    }
  }

  async #look(place: RemotePath): Promise<{ found?: Entry; unknown?: BackupError }> {
    try {
      return { found: await this.#retried(() => this.#reader.stat(place, this.#signal)) };
    } catch (error) {
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      return error.kind === 'not-found' ? {} : { unknown: error };
    }
  }

  /** What a folder has beside what the snapshot has in it, with all below. */
  async *#extras(folder: RemotePath): AsyncGenerator<Met, void, undefined> {
    const listed = await this.#list(folder);
    for (const found of listed) {
      if (this.#scope.known.has(found.path)) continue;
      yield { place: found.path, found };
      const isFolder = found.type === 'directory';
      if (isFolder && this.#scope.looksInto(found)) yield* this.#extras(found.path);
    }
  }

  /** A folder that cannot be listed has nothing that would be deleted. */
  async #list(folder: RemotePath): Promise<Entry[]> {
    try {
      const listed = await this.#retried(() => this.#reader.list(folder, this.#signal));
      return listed.sort((one, other) => compareInFolderOrder(one.path, other.path));
    } catch (error) {
      throwIfAborted(this.#signal);
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      return [];
    }
  }

  #retried<T>(operation: () => Promise<T>): Promise<T> {
    return retry(operation, this.#clock, this.#signal);
  }
}
