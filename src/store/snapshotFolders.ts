import { BackupError } from '../base/errors';
import { decodeEntry, type ManifestEntry } from '../model/manifest';
import {
  absolute,
  compareInFolderOrder,
  isWithin,
  parentOf,
  rootPath,
  type RemotePath,
} from '../model/remotePath';
import type { Disk } from './disk';
import { readLines } from './readLines';

/** The bytes of the manifest in which all that lies below a folder stands. */
interface Range {
  readonly start: number;
  end: number;
}

/** A subfolder with more lines than this is leapt over by reading anew behind it. */
const worthALeap = 256 * 1024;

/**
 * The folders of a snapshot, to be listed one at a time. A manifest is in folder order, so that all
 * below a folder stands in one range of bytes: only these ranges are kept in memory. A folder that the
 * manifest does not name, as only something below it was included, is made up.
 */
export class SnapshotFolders {
  readonly #disk: Disk;
  readonly #manifest: string;
  readonly #ranges: ReadonlyMap<RemotePath, Range>;

  private constructor(disk: Disk, manifest: string, ranges: ReadonlyMap<RemotePath, Range>) {
    this.#disk = disk;
    this.#manifest = manifest;
    this.#ranges = ranges;
  }

  /** Reads the manifest once. Throws `protocol` if it is damaged. */
  static async open(disk: Disk, manifest: string): Promise<SnapshotFolders> {
    const survey = new Survey();
    let ahead: string | undefined;
    let isHeader = true;
    for await (const line of readLines(disk, manifest)) {
      // What was read last is an entry only if another line follows: the totals are none.
      if (ahead !== undefined) survey.add(decodeEntry(ahead), line.position);
      else if (!isHeader) survey.begin(line.position);
      if (!isHeader) ahead = line.text;
      isHeader = false;
    }
    return new SnapshotFolders(disk, manifest, survey.ranges());
  }

  has(folder: RemotePath): boolean {
    return this.#ranges.has(folder);
  }

  /** What lies directly in a folder, in folder order. Throws `not-found` if there is no such folder. */
  async list(folder: RemotePath): Promise<ManifestEntry[]> {
    const range = this.#ranges.get(folder);
    if (!range) throw new BackupError('not-found', `There is no folder ${absolute(folder)}.`);
    const found: ManifestEntry[] = [];
    let from = range.start;
    while (from < range.end) from = await this.#readOn(folder, from, range.end, found);
    return found;
  }

  /** Undefined if the snapshot has nothing of that path. */
  async find(path: RemotePath): Promise<ManifestEntry | undefined> {
    if (path === rootPath) return { path, type: 'directory' };
    const folder = parentOf(path);
    if (!this.#ranges.has(folder)) return undefined;
    return (await this.list(folder)).find((entry) => entry.path === path);
  }

  /** Resolves with the byte to read on from, which is `end` when all was read. */
  async #readOn(
    folder: RemotePath,
    from: number,
    end: number,
    found: ManifestEntry[],
  ): Promise<number> {
    let next = from;
    for await (const line of readLines(this.#disk, this.#manifest, from)) {
      if (line.position >= end) break;
      if (line.position < next) continue;
      const entry = decodeEntry(line.text);
      const child = childOf(folder, entry.path);
      found.push(child === entry.path ? entry : { path: child, type: 'directory' });
      next = this.#ranges.get(child)?.end ?? 0;
      if (next - line.position > worthALeap) return next;
    }
    return end;
  }
}

/** Finds the ranges while the manifest is read from its beginning to its end. */
class Survey {
  readonly #ranges = new Map<RemotePath, Range>();
  /** The folders that the last entry lies in or is. */
  readonly #open: { readonly path: RemotePath; readonly range: Range }[] = [];
  #position = 0;
  #last: RemotePath = rootPath;

  /** @param position the byte where the first entry, or the totals, begin */
  begin(position: number): void {
    this.#position = position;
    this.#enter(rootPath, position);
  }

  /** @param next the byte behind the entry's line */
  add(entry: ManifestEntry, next: number): void {
    const { path, type } = entry;
    if (path !== rootPath) this.#step(path);
    if (type === 'directory' && path !== rootPath) this.#enter(path, next);
    this.#position = next;
    this.#last = path;
  }

  ranges(): ReadonlyMap<RemotePath, Range> {
    while (this.#open.length > 0) this.#leave();
    return this.#ranges;
  }

  #step(path: RemotePath): void {
    if (compareInFolderOrder(this.#last, path) >= 0) {
      throw new BackupError('protocol', 'The manifest is damaged: it is not in folder order.');
    }
    while (!isWithin(path, this.#open.at(-1)?.path ?? rootPath)) this.#leave();
    const inner = this.#open.at(-1)?.path ?? rootPath;
    const first = inner === rootPath ? 0 : inner.length + 1;
    for (let end = path.indexOf('/', first); end > 0; end = path.indexOf('/', end + 1)) {
      this.#enter(path.slice(0, end) as RemotePath, this.#position);
    }
  }

  #enter(path: RemotePath, position: number): void {
    const range = { start: position, end: position };
    this.#ranges.set(path, range);
    this.#open.push({ path, range });
  }

  #leave(): void {
    const left = this.#open.pop();
    if (left) left.range.end = this.#position;
  }
}

/** The direct child of the folder in which, or as which, the path lies. */
function childOf(folder: RemotePath, path: RemotePath): RemotePath {
  const end = path.indexOf('/', folder === rootPath ? 0 : folder.length + 1);
  return end < 0 ? path : (path.slice(0, end) as RemotePath);
}
