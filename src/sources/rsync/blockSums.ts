import type { BasisBytes } from './basisBytes';
import type { ByteWriter } from './byteWriter';
import type { Digests } from './digests';
import { rollingSum } from './rollingSum';

/** How a basis is cut into blocks (rsync rsync.h: struct sum_struct). All zero: there is no basis. */
export interface BlockHead {
  readonly count: number;
  /** Bytes of each block but the last. */
  readonly length: number;
  /** Bytes of the strong sum of each block that are sent. */
  readonly strong: number;
  /** Bytes of the last block; 0 if it is as long as the others. */
  readonly remainder: number;
}

export const noBlocks: BlockHead = { count: 0, length: 0, strong: 0, remainder: 0 };

const smallestBlock = 700;
const longestBlock = 131_072;
const strongBytes = 16;

/**
 * The blocks for a basis of so many bytes (rsync generator.c: sum_sizes_sqroot). The strong sums are
 * sent whole: 20 bytes a block, and no block is ever taken for another.
 */
export function blocksOf(size: number): BlockHead {
  if (size === 0) return noBlocks;
  const root = Math.floor(Math.sqrt(size) / 8) * 8;
  const isSmall = size <= smallestBlock * smallestBlock;
  const length = isSmall ? smallestBlock : Math.min(longestBlock, Math.max(smallestBlock, root));
  const count = Math.ceil(size / length);
  return { count, length, strong: strongBytes, remainder: size % length };
}

/** The blocks for a twin: as few as can be, as all of them match or none. */
export function twinBlocksOf(size: number): BlockHead {
  const length = Math.min(size, longestBlock);
  return { count: Math.ceil(size / length), length, strong: strongBytes, remainder: size % length };
}

export function writeHead(writer: ByteWriter, head: BlockHead): void {
  writer.int(head.count).int(head.length).int(head.strong).int(head.remainder);
}

export function isSameHead(left: BlockHead, right: BlockHead): boolean {
  return (
    left.count === right.count &&
    left.length === right.length &&
    left.strong === right.strong &&
    left.remainder === right.remainder
  );
}

/** Where a block starts and how long it is, in bytes. */
export function blockAt(head: BlockHead, index: number): { start: number; length: number } {
  const isShort = index === head.count - 1 && head.remainder > 0;
  return { start: index * head.length, length: isShort ? head.remainder : head.length };
}

/** Read from disk at once. */
const readSize = 1024 * 1024;

/**
 * Writes the sums of every block of a basis (rsync generator.c: generate_and_send_sums). False if the
 * basis turned out shorter than the head says, so that it cannot be used. The next part is read while one
 * is summed.
 */
export async function writeSums(
  writer: ByteWriter,
  basis: BasisBytes,
  head: BlockHead,
  digests: Digests,
): Promise<boolean> {
  const blocksAtOnce = Math.max(1, Math.floor(readSize / head.length));
  const buffers = [0, 1].map(() => Buffer.allocUnsafe(blocksAtOnce * head.length));
  const read = async (first: number): Promise<Buffer | undefined> => {
    const { start, length } = blockAt(head, Math.min(head.count, first + blocksAtOnce) - 1);
    const from = first * head.length;
    const part = buffers[(first / blocksAtOnce) % 2]?.subarray(0, start + length - from);
    return part && (await basis.fill(part, from)) ? part : undefined;
  };
  let reading = read(0);
  for (let first = 0; first < head.count; first += blocksAtOnce) {
    const part = await reading;
    if (!part) return false;
    const next = first + blocksAtOnce;
    if (next < head.count) {
      reading = read(next);
      // A failure is met in the next turn.
      reading.catch(() => undefined);
    }
    for (let from = 0; from < part.length; from += head.length) {
      const block = part.subarray(from, from + head.length);
      writer.int(rollingSum(block)).bytes(digests.ofBlock(block));
    }
  }
  return true;
}
