import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Entry } from '../../model/entry';
import type { Basis } from '../../model/transfer';
import { BasisBytes, type BasisPart } from './basisBytes';
import { blocksOf, twinBlocksOf, writeSums, type BlockHead } from './blockSums';
import { ByteWriter } from './byteWriter';
import type { Digests } from './digests';

/** A basis below so many bytes saves less than its sums cost. */
const smallestBasis = 8192;

/** A basis that stays open while the server answers: its blocks are read from it. */
export interface OpenBasis {
  readonly bytes: BasisBytes;
  readonly head: BlockHead;
  /** As they go behind the head on the wire. */
  readonly sums: Buffer;
}

/**
 * Opens what there is of a file, one behind the other as one basis, and sums its blocks. Undefined if
 * it is of no use: then the whole file is asked for.
 */
export async function openBasis(
  bases: readonly Basis[],
  entry: Entry,
  digests: Digests,
): Promise<OpenBasis | undefined> {
  const isTwin = bases.some((basis) => basis.isTwin);
  const size = bases.reduce((sum, basis) => sum + basis.size, 0);
  if (Math.min(size, entry.size ?? size) < (isTwin ? 1 : smallestBasis)) return undefined;
  const parts: BasisPart[] = [];
  for (const { place, size: bytes } of bases) {
    const file = await openFile(place);
    if (file) parts.push({ file, size: bytes });
  }
  if (parts.length === 0) return undefined;
  const bytes = new BasisBytes(parts);
  const head = isTwin ? twinBlocksOf(bytes.size) : blocksOf(bytes.size);
  const writer = new ByteWriter(head.count * 20);
  const isSummed = await writeSums(writer, bytes, head, digests).catch(() => false);
  if (isSummed) return { bytes, head, sums: writer.done() };
  await bytes.close();
  return undefined;
}

/**
 * Never through a link, nor a pipe that waits for a writer: a workspace may come from a stranger, and
 * sums of a private file tell a hostile server something of it (CVE-2024-12086).
 */
async function openFile(place: Basis['place']): Promise<FileHandle | undefined> {
  // Both are undefined on Windows, and `|` takes that for 0.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const file = await open(place, flags).catch(() => undefined);
  if (!file || (await file.stat()).isFile()) return file;
  await file.close();
  return undefined;
}
