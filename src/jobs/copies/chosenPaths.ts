/** So many paths, of so many bytes in all, go into the arguments of a program: Windows takes 32,767 characters. */
const mostPaths = 400;
const mostBytes = 20_000;

/**
 * Paths to bring back, as few as an argument list holds: where there are too many, the folders that they lie
 * in stand for them, which brings more than was asked for, never less. Keeps no more than it gives.
 */
export class ChosenPaths {
  #paths = new Set<string>();
  #bytes = 0;
  #depth = Infinity;

  /** @param path a byte string, parted by slashes */
  add(path: string): void {
    this.#keep(upTo(path, this.#depth));
    while (this.#isTooMuch) this.#shorten();
  }

  get isEmpty(): boolean {
    return this.#paths.size === 0;
  }

  /** Undefined: everything. */
  get paths(): readonly string[] | undefined {
    return this.#depth === 0 ? undefined : [...this.#paths];
  }

  get #isTooMuch(): boolean {
    return this.#depth > 0 && (this.#paths.size > mostPaths || this.#bytes > mostBytes);
  }

  #keep(path: string): void {
    if (this.#paths.has(path)) return;
    this.#paths.add(path);
    this.#bytes += path.length;
  }

  #shorten(): void {
    const paths = [...this.#paths];
    this.#depth = Math.max(...paths.map((path) => path.split('/').length)) - 1;
    this.#paths = new Set();
    this.#bytes = 0;
    for (const path of paths) this.#keep(upTo(path, this.#depth));
  }
}

function upTo(path: string, depth: number): string {
  return depth === Infinity ? path : path.split('/').slice(0, depth).join('/');
}
