import { createHash } from 'node:crypto';
import { bytesOf, type RemotePath } from '../model/remotePath';
import type { Basis } from '../model/transfer';
import type { Disk, DiskPath } from './disk';
import type { Layout } from './layout';

/**
 * What attempts have left of files that are being delivered anew, from their first byte on. Until a
 * new attempt has come further, the old half is the better basis: killed meanwhile, both would be lost.
 */
export class Halves {
  readonly #disk: Disk;
  readonly #layout: Layout;
  /** Bytes of the halves that were set aside in this run, by the number of the wanted file. */
  readonly #aside = new Map<number, number>();

  constructor(disk: Disk, layout: Layout) {
    this.#disk = disk;
    this.#layout = layout;
  }

  /** Makes room at the place of a file, and keeps the longer of what stands there and what was kept before. */
  async setAside(number: number, path: RemotePath, place: DiskPath): Promise<void> {
    const half = this.#place(path);
    const standing = this.#bytesOf(place);
    const kept = this.#bytesOf(half);
    if (Math.max(standing, kept) > 0) this.#aside.set(number, Math.max(standing, kept));
    if (standing > kept) {
      this.#disk.makeFolder(this.#layout.halves);
      await this.#disk.rename(place, half);
    } else await this.#disk.remove(place);
  }

  /** The longer of what stands at the place of a file, noted or not, and what was set aside. */
  best(path: RemotePath, place: DiskPath): Basis {
    const half = this.#place(path);
    const standing = this.#bytesOf(place);
    const kept = this.#bytesOf(half);
    return kept > standing
      ? { place: half, size: kept, isTwin: false }
      : { place, size: standing, isTwin: false };
  }

  /** The new attempt has come so far, and is noted: a shorter half is of no more use. */
  async overtaken(number: number, path: RemotePath, bytes: number): Promise<void> {
    const kept = this.#aside.get(number);
    if (kept === undefined || kept > bytes) return;
    await this.forget(number, path);
  }

  hasSetAside(number: number): boolean {
    return this.#aside.has(number);
  }

  async forget(number: number, path: RemotePath): Promise<void> {
    if (this.#aside.delete(number)) await this.#disk.remove(this.#place(path));
  }

  /** What an earlier run has set aside is of no use, or none of this server's business. */
  async remove(path: RemotePath): Promise<void> {
    const half = this.#place(path);
    if (this.#disk.stat(half)) await this.#disk.remove(half);
  }

  #bytesOf(place: DiskPath): number {
    const found = this.#disk.stat(place);
    return found?.type === 'file' && found.links === 1 ? found.size : 0;
  }

  #place(path: RemotePath): DiskPath {
    return this.#layout.half(createHash('sha256').update(bytesOf(path)).digest('hex'));
  }
}
