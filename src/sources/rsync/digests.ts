import { createHash } from 'node:crypto';
import { Md4 } from './md4';

/** Bytes of a digest on the wire, of files and in lists: both MD4 and MD5 have so many. */
export const digestBytes = 16;

/** Hashes a stream of bytes into 16 bytes. */
export interface StreamDigest {
  update(data: Uint8Array): unknown;
  digest(): Buffer;
}

/** The digests of one session: MD5 from protocol 30, MD4 below (rsync checksum.c: parse_csum_name). */
export class Digests {
  readonly #modern: boolean;
  readonly #seed: Buffer;
  readonly #seedFirst: boolean;

  /** @param seedFirst whether the server agreed to put the seed before a block (compat bit 5) */
  constructor(protocol: number, seed: number, seedFirst: boolean) {
    this.#modern = protocol >= 30;
    this.#seed = Buffer.alloc(4);
    this.#seed.writeInt32LE(seed, 0);
    this.#seedFirst = seedFirst;
  }

  /** Of a whole file that is transferred: MD5 of its content; MD4 of the seed and the content. */
  ofFile(): StreamDigest {
    if (this.#modern) return createHash('md5');
    return new Md4().update(this.#seed);
  }

  /** The strong sum of a block of the basis (rsync checksum.c: get_checksum2). */
  ofBlock(block: Uint8Array): Buffer {
    if (!this.#modern) return new Md4().update(block).update(this.#seed).digest();
    const hash = createHash('md5');
    if (this.#seedFirst) return hash.update(this.#seed).update(block).digest();
    return hash.update(block).update(this.#seed).digest();
  }
}

/** Of a file's content in a list that was asked for with digests: without seed. */
export function contentDigest(protocol: number): StreamDigest {
  return protocol >= 30 ? createHash('md5') : new Md4();
}
