import { availableParallelism } from 'node:os';
import { DigestThread } from './digestThread';
import type { Gathered, Gathering } from './gathering';

/** From this size on it pays to hash a file beside the network. */
const largeBytes = 8 * 1024 * 1024;
/** Each has two blocks or three in use. */
const mostAtOnce = 4;
/** What is written at once. */
const blockBytes = 512 * 1024;

/**
 * The large files of a run. Their content is copied into blocks that are used again and again: each goes to disk,
 * then to a thread that hashes it, and comes back.
 */
export class LargeFiles implements AsyncDisposable {
  readonly #free: ArrayBuffer[] = [];
  #thread: DigestThread | undefined;
  #isAble = availableParallelism() > 1;
  #begun = 0;
  #underWay = 0;

  /** Undefined if the file is not worth it, or too many are under way. */
  begin(bytes: number): Gathering | undefined {
    if (bytes < largeBytes || this.#underWay >= mostAtOnce || !this.#isAble) return undefined;
    this.#thread ??= DigestThread.start();
    this.#isAble = this.#thread?.hasEnded === false;
    if (!this.#thread || !this.#isAble) return undefined;
    this.#underWay += 1;
    this.#begun += 1;
    return new GatheredBeside(this.#begun, this.#thread, this.#free, () => (this.#underWay -= 1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread?.[Symbol.asyncDispose]();
  }
}

/** Bytes of a block. */
interface Filled {
  readonly block: ArrayBuffer;
  length: number;
}

/** Gathers one file in blocks, for the thread and for the disk. */
class GatheredBeside implements Gathering {
  readonly #file: number;
  readonly #thread: DigestThread;
  readonly #free: ArrayBuffer[];
  readonly #onEnd: () => void;
  #filled: Filled[] = [];
  #bytes = 0;
  #hasEnded = false;

  constructor(file: number, thread: DigestThread, free: ArrayBuffer[], onEnd: () => void) {
    this.#file = file;
    this.#thread = thread;
    this.#free = free;
    this.#onEnd = onEnd;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Buffer): void {
    for (let from = 0; from < chunk.length;) {
      const filled = this.#withRoom();
      const part = chunk.subarray(from, from + blockBytes - filled.length);
      new Uint8Array(filled.block).set(part, filled.length);
      filled.length += part.length;
      from += part.length;
    }
    this.#bytes += chunk.length;
  }

  take(): Gathered {
    const taken = this.#filled;
    this.#filled = [];
    this.#bytes = 0;
    return {
      chunks: taken.map(({ block, length }) => Buffer.from(block, 0, length)),
      written: async () => {
        const blocks = await Promise.all(taken.map((filled) => this.#hash(filled)));
        for (const block of blocks) if (block) this.#free.push(block);
      },
    };
  }

  digest(): Promise<string | undefined> {
    return this.#thread.digest(this.#file);
  }

  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#thread.forget(this.#file);
    this.#onEnd();
  }

  #hash({ block, length }: Filled): Promise<ArrayBuffer | undefined> {
    return this.#thread.update(this.#file, block, length);
  }

  #withRoom(): Filled {
    const last = this.#filled.at(-1);
    if (last && last.length < blockBytes) return last;
    const next = { block: this.#free.pop() ?? new ArrayBuffer(blockBytes), length: 0 };
    this.#filled.push(next);
    return next;
  }
}
