import { throwIfAborted } from '../base/abort';
import type { Disk, DiskPath } from './disk';
import { addInto, blockBytes, othersOf, type Parity } from './parity';

/** So many blocks are mended at most: of a file that is damaged all over, nothing can be said. */
const mostBlocks = 2048;

/** The numbers of the damaged blocks of a file, as its parity says. */
export async function damagedBlocks(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
  signal: AbortSignal,
): Promise<number[]> {
  const found: number[] = [];
  let number = 0;
  for await (const block of blocksOf(disk, path, parity)) {
    throwIfAborted(signal);
    if (!parity.isBlock(number, block)) found.push(number);
    number += 1;
  }
  for (; number < parity.blocks; number += 1) found.push(number);
  const longer = (disk.stat(path)?.size ?? 0) > parity.size;
  // What stands behind its end concerns the last block.
  if (longer && found.at(-1) !== parity.blocks - 1) found.push(parity.blocks - 1);
  return found;
}

/**
 * The right content of damaged blocks: computed from its group if all others of that are right, else
 * with a single bit turned, if that is all that is wrong. Undefined if one cannot be mended.
 * @param path the damaged file
 */
export async function mendedBlocks(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
  damaged: readonly number[],
): Promise<Map<number, Buffer> | undefined> {
  if (damaged.length > mostBlocks) return undefined;
  const right = new Map<number, Buffer>();
  const bad = new Map<number, Buffer>();
  for (const number of damaged) bad.set(number, await blockAt(disk, path, parity, number));
  // One that is mended may make another one of its group the last that is missing.
  for (let before = -1; bad.size > 0 && before !== bad.size;) {
    before = bad.size;
    for (const [number, block] of bad) {
      const mended =
        (await fromGroup(disk, path, parity, number, bad, right)) ??
        turnedBit(parity, number, block);
      if (!mended) continue;
      right.set(number, mended);
      bad.delete(number);
    }
  }
  return bad.size === 0 ? right : undefined;
}

/** The file with its mended blocks, from the beginning to the end. */
export async function* withMended(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
  mended: ReadonlyMap<number, Buffer>,
): AsyncGenerator<Buffer, void, undefined> {
  let number = 0;
  for await (const block of blocksOf(disk, path, parity)) {
    yield mended.get(number) ?? block;
    number += 1;
  }
  for (; number < parity.blocks; number += 1) {
    const block = mended.get(number);
    if (block) yield block;
  }
}

/** As many blocks as there are, of the right length but for the last that is there. */
async function* blocksOf(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
): AsyncGenerator<Buffer, void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  let number = 0;
  for await (const chunk of disk.readFile(path)) {
    const bytes = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    let start = 0;
    for (; number < parity.blocks; number += 1) {
      const end = start + parity.lengthOf(number);
      if (end > bytes.length) break;
      yield bytes.subarray(start, end);
      start = end;
    }
    if (number === parity.blocks) return;
    rest = bytes.subarray(start);
  }
  if (rest.length > 0) yield rest;
}

async function blockAt(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
  number: number,
): Promise<Buffer> {
  const length = parity.lengthOf(number);
  const block = Buffer.alloc(length);
  let filled = 0;
  for await (const chunk of disk.readFile(path, number * blockBytes)) {
    filled += chunk.copy(block, filled);
    if (filled >= length) break;
  }
  return block;
}

function turnedBit(parity: Parity, number: number, block: Buffer): Buffer | undefined {
  const tried = Buffer.from(block);
  for (let index = 0; index < tried.length; index += 1) {
    const byte = tried[index] ?? 0;
    for (let bit = 1; bit < 256; bit <<= 1) {
      tried[index] = byte ^ bit;
      if (parity.isBlock(number, tried)) return tried;
    }
    tried[index] = byte;
  }
  return undefined;
}

async function fromGroup(
  disk: Disk,
  path: DiskPath,
  parity: Parity,
  number: number,
  bad: ReadonlyMap<number, Buffer>,
  right: ReadonlyMap<number, Buffer>,
): Promise<Buffer | undefined> {
  const sum = Buffer.from(parity.parityOf(number));
  for (const other of othersOf(number, parity.blocks)) {
    if (bad.has(other)) return undefined;
    addInto(sum, right.get(other) ?? (await blockAt(disk, path, parity, other)));
  }
  const block = sum.subarray(0, parity.lengthOf(number));
  return parity.isBlock(number, block) ? block : undefined;
}
