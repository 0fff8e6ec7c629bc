import { BackupError } from '../base/errors';
import { compareInFolderOrder } from './remotePath';

/** What two ordered streams have at one path. */
export interface Pair<L, R> {
  readonly path: string;
  readonly left?: L;
  readonly right?: R;
}

/**
 * Merges two streams in folder order by path, holding one item of each. A stream that is out of
 * order or repeats itself would silently lose entries, so it is an error.
 */
export async function* mergeInFolderOrder<L, R>(
  left: AsyncIterable<L>,
  right: AsyncIterable<R>,
  pathOfLeft: (item: L) => string,
  pathOfRight: (item: R) => string,
): AsyncGenerator<Pair<L, R>, void, undefined> {
  const a = new OrderedStream(left, pathOfLeft);
  const b = new OrderedStream(right, pathOfRight);
  try {
    await Promise.all([a.advance(), b.advance()]);
    for (;;) {
      const path = firstOf(a.current?.path, b.current?.path);
      if (path === undefined) return;
      const left = a.at(path);
      const right = b.at(path);
      yield { path, ...(left && { left: left.item }), ...(right && { right: right.item }) };
      if (left) await a.advance();
      if (right) await b.advance();
    }
  } finally {
    await Promise.all([a.close(), b.close()]);
  }
}

function firstOf(left: string | undefined, right: string | undefined): string | undefined {
  if (left === undefined || right === undefined) return left ?? right;
  return compareInFolderOrder(left, right) <= 0 ? left : right;
}

class OrderedStream<T> {
  readonly #items: AsyncIterator<T>;
  readonly #pathOf: (item: T) => string;
  current: { readonly path: string; readonly item: T } | undefined;

  constructor(items: AsyncIterable<T>, pathOf: (item: T) => string) {
    this.#items = items[Symbol.asyncIterator]();
    this.#pathOf = pathOf;
  }

  at(path: string): { readonly item: T } | undefined {
    return this.current?.path === path ? this.current : undefined;
  }

  async advance(): Promise<void> {
    const next = await this.#items.next();
    const before = this.current?.path;
    this.current = next.done ? undefined : { path: this.#pathOf(next.value), item: next.value };
    if (before === undefined || !this.current) return;
    if (compareInFolderOrder(before, this.current.path) < 0) return;
    throw new BackupError('protocol', 'A list of entries is out of order.', { scope: 'run' });
  }

  async close(): Promise<void> {
    await this.#items.return?.();
  }
}
