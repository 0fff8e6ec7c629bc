import crypto, { createHash } from 'node:crypto';
import { throwIfAborted } from '../base/abort';
import type { Disk, DiskPath } from './disk';

/** Read in one go, by synchronous calls: they cost a third of what a stream does. */
export const wholeFileBytes = 256 * 1024;

/** SHA-256 in hexadecimal. In one call where Node has it (20.12): an object for each of many small files costs memory. */
export function digestOfBytes(content: Buffer): string {
  const { hash } = crypto as { readonly hash?: typeof crypto.hash };
  return hash?.('sha256', content, 'hex') ?? createHash('sha256').update(content).digest('hex');
}

export interface ContentDigest {
  /** SHA-256 in hexadecimal. */
  readonly sha256: string;
  /** Bytes that were read. */
  readonly size: number;
}

/**
 * Reads all of a file.
 * @param size what it is thought to have, in bytes: small ones are read another way
 */
export async function digestOfFile(
  disk: Disk,
  place: DiskPath,
  size: number,
  signal: AbortSignal,
): Promise<ContentDigest> {
  if (size <= wholeFileBytes) {
    const content = disk.readWhole(place, wholeFileBytes);
    if (content) return { sha256: digestOfBytes(content), size: content.length };
  }
  const hash = createHash('sha256');
  let read = 0;
  for await (const chunk of disk.readFile(place)) {
    throwIfAborted(signal);
    hash.update(chunk);
    read += chunk.length;
  }
  return { sha256: hash.digest('hex'), size: read };
}
