import { malformed } from './protocolError';

const pageBits = 20;
const pageSize = 1 << pageBits;

/**
 * Many short texts as bytes, one behind the other, in pages that never move: a million strings would
 * be a million objects.
 */
export class BytePages {
  readonly #most: number;
  readonly #pages: Buffer[] = [];
  #used = 0;

  /** @param most bytes in all, at most 4 GiB */
  constructor(most: number) {
    this.#most = most;
  }

  /** Keeps a copy of the text, which is at most a page long, and says where. Throws `protocol`. */
  add(text: Buffer): number {
    const { length } = text;
    const room = this.#pages.length * pageSize - this.#used;
    if (room < length) {
      this.#used = this.#pages.length * pageSize;
      if (this.#used + pageSize > this.#most) throw malformed('more names than can be held');
      this.#pages.push(Buffer.allocUnsafe(pageSize));
    }
    const start = this.#used;
    text.copy(this.pageOf(start), start % pageSize);
    this.#used += length;
    return start;
  }

  pageOf(start: number): Buffer {
    return this.#pages[Math.floor(start / pageSize)] ?? Buffer.alloc(0);
  }

  /** Where in its page a text starts. */
  offsetOf(start: number): number {
    return start % pageSize;
  }

  /** The text as a byte string. */
  text(start: number, length: number): string {
    const offset = this.offsetOf(start);
    return this.pageOf(start).toString('latin1', offset, offset + length);
  }
}
