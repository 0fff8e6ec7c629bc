import ignore, { type Ignore } from 'ignore';
import type { LinkPolicy, Server } from './configuration/server';
import type { Entry } from './entry';
import { compareInFolderOrder, isWithin, remotePath, textOf, type RemotePath } from './remotePath';

/** `ignore` remembers every path it has seen: a fresh matcher now and then keeps memory flat. */
const testsPerMatcher = 4096;

/** What of a server is backed up: the included paths and the exclude rules. */
export class Selection {
  /** In folder order, none within another. */
  readonly include: readonly RemotePath[];
  readonly links: LinkPolicy;
  readonly #rules: readonly string[];
  #matcher: Ignore;
  #tests = 0;

  constructor(include: readonly string[], exclude: readonly string[], links: LinkPolicy) {
    const sorted = include.map(remotePath).sort(compareInFolderOrder);
    this.include = sorted.filter(
      (path, index) => !sorted.slice(0, index).some((earlier) => isWithin(path, earlier)),
    );
    this.links = links;
    this.#rules = exclude;
    this.#matcher = ignore().add([...exclude]);
  }

  static of(server: Server): Selection {
    return new Selection(server.include, server.exclude, server.links);
  }

  /**
   * Whether the exclude rules leave the entry out. Asked of an entry whose folder is not left out;
   * an included path itself is never left out by a rule.
   */
  excludes(entry: Pick<Entry, 'path' | 'type'>): boolean {
    if (this.#rules.length === 0 || entry.path === '') return false;
    this.#tests += 1;
    if (this.#tests % testsPerMatcher === 0) this.#matcher = ignore().add([...this.#rules]);
    const path = textOf(entry.path);
    return this.#matcher.ignores(entry.type === 'directory' ? `${path}/` : path);
  }

  /** Whether the path is, or lies below, an included one. */
  covers(path: RemotePath): boolean {
    return this.include.some((included) => isWithin(path, included));
  }
}
