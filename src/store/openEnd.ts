import { BackupError } from '../base/errors';
import type { Disk } from './disk';

/** So much is taken between two looks at the disk, in bytes. */
const stretch = 16 * 1024 * 1024;
/** The share of the free space that is left to all other files. */
const reserve = 0.1;

/**
 * Keeps one file whose size nobody knows from taking the whole disk, on which all others depend: it may
 * have no end. Zeros count too, although they take no space.
 */
export class OpenEnd {
  readonly #disk: Disk;
  readonly #folder: string;
  #total = 0;
  #next = stretch;
  #freeAtFirst: number | undefined;

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /** Throws `disk-full`, of this file only. */
  received(bytes: number): void {
    this.#total += bytes;
    if (this.#total < this.#next) return;
    this.#next = this.#total + stretch;
    const free = this.#disk.space(this.#folder).free;
    this.#freeAtFirst ??= free + this.#total;
    const room = this.#freeAtFirst * (1 - reserve);
    if (this.#total < room && free > this.#freeAtFirst * reserve) return;
    const megabytes = Math.floor(this.#total / 1e6);
    throw new BackupError(
      'disk-full',
      `The server does not tell how long this file is, and it did not end after ${megabytes} MB: the rest of the disk is kept for other files. Exclude it, or make room.`,
      { scope: 'entry' },
    );
  }
}
