import { createHash } from 'node:crypto';
import { digestOfBytes } from './contentDigest';

/*
 * What proves and mends a manifest, block by block: kept beside it, as its own digest says neither
 * where it is damaged nor anything of its last line. About 3.5 % of the manifest's size:
 *
 *   magic (8) | bytes of the manifest (double, little-endian)
 *   the first 8 bytes of the SHA-256 of each block of 2 KiB
 *   for each row of 128 blocks four parity blocks: of those whose number is 0, 1, 2, 3 modulo 4
 *   SHA-256 of all of this (32)
 *
 * One lost block of 32 is the exclusive or of the others and the parity; of neighbours each is in
 * another such group. A block with a single wrong bit is found by trying each bit.
 */
export const blockBytes = 2048;
export const digestBytes = 8;
const groupsInRow = 4;
const blocksInRow = 128;
const magic = Buffer.from('SVGPAR1\n', 'latin1');
const headBytes = magic.length + 8;
const sealBytes = 32;

export function blockDigest(block: Buffer): Buffer {
  return Buffer.from(digestOfBytes(block).slice(0, 2 * digestBytes), 'hex');
}

/** The parity block that a block belongs to. */
export function groupOf(block: number): number {
  return groupsInRow * Math.floor(block / blocksInRow) + (block % groupsInRow);
}

/** The other blocks of its group, of so many. */
export function* othersOf(block: number, count: number): Generator<number, void, undefined> {
  const row = blocksInRow * Math.floor(block / blocksInRow);
  const end = Math.min(row + blocksInRow, count);
  for (let other = row + (block % groupsInRow); other < end; other += groupsInRow) {
    if (other !== block) yield other;
  }
}

function groupsFor(blocks: number): number {
  const rows = Math.floor(blocks / blocksInRow);
  return groupsInRow * rows + Math.min(groupsInRow, blocks % blocksInRow);
}

/** Adds a block to another: what is shorter counts as filled up with zeros. */
export function addInto(sum: Buffer, block: Buffer): void {
  for (let index = 0; index < block.length; index += 1) {
    sum[index] = (sum[index] ?? 0) ^ (block[index] ?? 0);
  }
}

/** Computes the parity of a file while it is written or read. */
export class ParityBuilder {
  readonly #digests: Buffer[] = [];
  readonly #parities: Buffer[] = [];
  readonly #block = Buffer.alloc(blockBytes);
  #filled = 0;
  #bytes = 0;

  update(data: Buffer): void {
    this.#bytes += data.length;
    for (let taken = 0; taken < data.length;) {
      const copied = data.copy(this.#block, this.#filled, taken);
      this.#filled += copied;
      taken += copied;
      if (this.#filled === blockBytes) this.#endBlock();
    }
  }

  /** The content of the parity file. */
  finish(): Buffer {
    if (this.#filled > 0) this.#endBlock();
    const head = Buffer.alloc(headBytes);
    magic.copy(head);
    head.writeDoubleLE(this.#bytes, magic.length);
    const content = Buffer.concat([head, ...this.#digests, ...this.#parities]);
    return Buffer.concat([content, createHash('sha256').update(content).digest()]);
  }

  #endBlock(): void {
    const block = this.#block.subarray(0, this.#filled);
    const group = groupOf(this.#digests.length);
    this.#digests.push(blockDigest(block));
    addInto((this.#parities[group] ??= Buffer.alloc(blockBytes)), block);
    this.#filled = 0;
  }
}

/** The content of a parity file that is whole itself. */
export class Parity {
  /** Bytes of the manifest. */
  readonly size: number;
  readonly blocks: number;
  readonly #content: Buffer;

  private constructor(content: Buffer, size: number, blocks: number) {
    this.#content = content;
    this.size = size;
    this.blocks = blocks;
  }

  /** Undefined if it is damaged, or none. */
  static parse(content: Buffer): Parity | undefined {
    if (content.length < headBytes + sealBytes) return undefined;
    if (!content.subarray(0, magic.length).equals(magic)) return undefined;
    const size = content.readDoubleLE(magic.length);
    if (!Number.isSafeInteger(size) || size < 0) return undefined;
    const blocks = Math.ceil(size / blockBytes);
    const length = headBytes + blocks * digestBytes + groupsFor(blocks) * blockBytes;
    if (content.length !== length + sealBytes) return undefined;
    const seal = createHash('sha256').update(content.subarray(0, length)).digest();
    return seal.equals(content.subarray(length)) ? new Parity(content, size, blocks) : undefined;
  }

  /** Whether this is the block of that number. */
  isBlock(number: number, block: Buffer): boolean {
    const start = headBytes + number * digestBytes;
    return blockDigest(block).equals(this.#content.subarray(start, start + digestBytes));
  }

  lengthOf(number: number): number {
    return Math.min(blockBytes, this.size - number * blockBytes);
  }

  parityOf(number: number): Buffer {
    const start = headBytes + this.blocks * digestBytes + groupOf(number) * blockBytes;
    return this.#content.subarray(start, start + blockBytes);
  }
}
