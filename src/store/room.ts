import { BackupError } from '../base/errors';
import { printable } from '../model/remotePath';
import type { Disk } from './disk';

/** A file of a terabyte is rather a fault of the listing. */
const hardlyTrue = 1e12;

interface Largest {
  readonly path: string;
  readonly bytes: number;
}

/**
 * Whether the disk has room for what is still to come. Counts in favour of the run: what arrives twice, or
 * takes no space in the end, never ends it.
 */
export class Room {
  readonly #disk: Disk;
  readonly #folder: string;
  /** Wanted and not arrived yet, as far as known. */
  #outstanding = 0;
  /** What was free when it was last looked, less what has arrived since. */
  #free = 0;
  #largest: Largest = { path: '', bytes: 0 };

  constructor(disk: Disk, folder: string) {
    this.#disk = disk;
    this.#folder = folder;
  }

  /**
   * Throws `disk-full` if this does not fit any more: better at once than after hours.
   *
   * @param path with the leading `/`, as a byte string
   */
  want(path: string, bytes: number): void {
    if (this.#isBeyondBelief(bytes)) return;
    this.#outstanding += bytes;
    if (bytes > this.#largest.bytes) this.#largest = { path, bytes };
    if (this.#outstanding <= this.#free) return;
    this.#free = this.#disk.space(this.#folder).free;
    if (this.#outstanding > this.#free) throw this.#tooLittle();
  }

  /** A listing may lie: what no disk of this size could ever hold is read, to see what comes. */
  #isBeyondBelief(bytes: number): boolean {
    return bytes >= hardlyTrue && bytes > this.#disk.space(this.#folder).total;
  }

  arrived(bytes: number): void {
    this.#outstanding -= bytes;
    this.#free -= bytes;
  }

  /** It does not come after all. */
  forgo(bytes: number): void {
    if (this.#isBeyondBelief(bytes)) return;
    this.#outstanding -= bytes;
  }

  #tooLittle(): BackupError {
    const { path, bytes } = this.#largest;
    return new BackupError(
      'disk-full',
      `The disk of the backup has ${megabytes(this.#free)} free, and at least ${megabytes(this.#outstanding)} are still to be fetched. ` +
        `The largest file is ${printable(path)} (${megabytes(bytes)}). Make room or exclude it, then run again: it continues where it stopped.`,
    );
  }
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1).replaceAll(/\B(?=(?:\d{3})+\.)/g, ',')} MB`;
}
