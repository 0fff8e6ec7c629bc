import { BackupError } from '../base/errors';
import type { LinkPolicy, Server } from './configuration/server';
import type { Entry } from './entry';
import { PathRules } from './pathRules';
import {
  compareInFolderOrder,
  isWithin,
  nameOf,
  parentOf,
  remotePath,
  textOf,
  type RemotePath,
} from './remotePath';
import { isTemporaryName } from './temporaryName';

/** What a walk goes by. */
export type Scope = Pick<Selection, 'include' | 'links' | 'excludes' | 'covers'>;

/** What of a server is backed up: the included paths and the exclude rules. */
export class Selection {
  /** In folder order, none within another. */
  readonly include: readonly RemotePath[];
  readonly links: LinkPolicy;
  /** The exclude rules as written, for a server that can leave out by itself what they match. */
  readonly exclude: readonly string[];
  /** Whether an included path lies within another one, below which the rules apply differently. */
  readonly hasNested: boolean;
  readonly #hasRules: boolean;
  /** The rules as they apply below each path that a person included, nested ones too. */
  readonly #rules = new Map<RemotePath, PathRules>();
  /** Folders above a nested included path: no rule hides the way to it. */
  readonly #onTheWay = new Set<RemotePath>();

  constructor(include: readonly string[], exclude: readonly string[], links: LinkPolicy) {
    const sorted = include.map(remotePath).sort(compareInFolderOrder);
    this.include = sorted.filter(
      (path, index) => !sorted.slice(0, index).some((earlier) => isWithin(path, earlier)),
    );
    this.links = links;
    this.exclude = exclude;
    this.hasNested = this.include.length < new Set(sorted).size;
    this.#hasRules = exclude.length > 0;
    for (const path of sorted) {
      const isOutermost = this.include.includes(path);
      const depth = path === '' ? 0 : path.split('/').length;
      this.#rules.set(path, new PathRules(exclude, isOutermost ? depth : depth - 1));
      if (isOutermost) continue;
      for (let above = parentOf(path); above !== ''; above = parentOf(above)) {
        this.#onTheWay.add(above);
      }
    }
  }

  /** Throws `configuration` if nothing is included: a snapshot of nothing would look like a backup. */
  static of(server: Server): Selection {
    if (server.include.length === 0) {
      throw new BackupError(
        'configuration',
        `${server.name}: nothing is included in the backup yet. Tick folders in the Servers view, or name them in "include".`,
      );
    }
    return new Selection(server.include, server.exclude, server.links);
  }

  /**
   * Whether the exclude rules leave the entry out. The person pointed at the included paths, so a rule
   * that matches a folder above one does not reach into it, and no rule leaves out an included path
   * that is in no other one. What an interrupted restore left of itself is never in a backup.
   */
  excludes(entry: Pick<Entry, 'path' | 'type'>): boolean {
    if (isTemporaryName(nameOf(entry.path))) return true;
    if (!this.#hasRules || entry.path === '' || this.#onTheWay.has(entry.path)) return false;
    const included = this.#innermostIncluded(entry.path);
    if (included === undefined) return false;
    if (included === entry.path && this.include.includes(included)) return false;
    const path = textOf(entry.path);
    return (
      this.#rules.get(included)?.match(entry.type === 'directory' ? `${path}/` : path) ?? false
    );
  }

  /** Whether the path is, or lies below, an included one. */
  covers(path: RemotePath): boolean {
    return this.#innermostIncluded(path) !== undefined;
  }

  #innermostIncluded(path: RemotePath): RemotePath | undefined {
    for (let at = path; ; at = parentOf(at)) {
      if (this.#rules.has(at)) return at;
      if (at === '') return undefined;
    }
  }
}
