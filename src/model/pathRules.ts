import ignore, { type Ignore } from 'ignore';

/** `ignore` remembers every path it has seen: a fresh matcher now and then keeps memory flat. */
const testsPerMatcher = 4096;

/** Rules in the .gitignore grammar, anchored at the root, that do not apply to the outermost folders of a path. */
export class PathRules {
  readonly #patterns: readonly string[];
  #matcher: Ignore | undefined;
  #tests = 0;

  /** @param spared so many components of a path are never matched by themselves */
  constructor(patterns: readonly string[], spared = 0) {
    const exceptions = Array.from(
      { length: spared },
      (_none, above) => `!/${'*/'.repeat(above + 1)}`,
    );
    this.#patterns = [...patterns, ...exceptions];
  }

  /** @param path text without a leading slash; of a folder, with one at its end */
  match(path: string): boolean {
    if (this.#tests % testsPerMatcher === 0) this.#matcher = undefined;
    this.#tests += 1;
    // Names on servers differ by case, and a folder may be called "...", which is no relative path.
    this.#matcher ??= ignore({ ignorecase: false, allowRelativePaths: true }).add([
      ...this.#patterns,
    ]);
    return this.#matcher.ignores(path);
  }
}
