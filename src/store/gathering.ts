import { createHash, type Hash } from 'node:crypto';

/** What was gathered, in the order in which it came. */
export interface Gathered {
  readonly chunks: readonly Buffer[];
  /**
   * To be called when they are written, part by part: from then on they count in the digest. Resolves when
   * they are hashed; undefined if they are already.
   */
  written(): Promise<void> | undefined;
}

/** The content of a file between the network and the disk: gathered until writing is worth it, and hashed. */
export interface Gathering {
  /** So many are gathered now. */
  readonly bytes: number;
  add(chunk: Buffer): void;
  /** Hands over what is gathered, to be written. */
  take(): Gathered;
  /** SHA-256 in hexadecimal of all that was taken and written; undefined if it was lost. */
  digest(): string | Promise<string | undefined>;
  /** Nothing more comes, and nothing is asked any more. */
  end(): void;
}

/** Keeps the chunks as they are, and hashes them when they are written. */
export class GatheredHere implements Gathering {
  #chunks: Buffer[] = [];
  #bytes = 0;
  /** Begun with the first bytes: most files are small, and hashed as a whole. */
  #hash: Hash | undefined;

  /** @param hash that has what is on disk already */
  constructor(hash?: Hash) {
    this.#hash = hash;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  take(): Gathered {
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#bytes = 0;
    const written = (): undefined => {
      const hash = this.#hashed();
      for (const chunk of chunks) hash.update(chunk);
    };
    return { chunks, written };
  }

  /** All in one piece, not hashed. */
  content(): Buffer {
    const [only = Buffer.alloc(0)] = this.#chunks;
    return this.#chunks.length > 1 ? Buffer.concat(this.#chunks) : only;
  }

  digest(): string {
    return this.#hashed().copy().digest('hex');
  }

  end(): void {
    this.#hash = undefined;
  }

  #hashed(): Hash {
    return (this.#hash ??= createHash('sha256'));
  }
}
