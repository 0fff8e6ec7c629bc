import { createHere, type Create } from './createHere';
import { CreatingBeside } from './creatingBeside';
import type { Disk } from './disk';

/** Milliseconds for a file from which on it is created beside the network instead of in its way. */
const slow = 0.1;
/** So many files tell how fast the disk is. */
const judged = 64;
/** Whoever waits for each file before the next comes, on average, gains nothing from a thread. */
const leastTogether = 1.5;

/**
 * Creates the small files of a run. Where that is fast, at once: it costs less than to hand them over. Where
 * it is slow, as on ext4 from which much was deleted lately, under a virus scanner or over a network, threads
 * do it while the next files come in.
 */
export class Creations implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #now: () => number;
  readonly #beside: CreatingBeside;
  #isBeside = false;
  /** Threads were of no use to this run. */
  #isUseless = false;
  #files = 0;
  #messages = 0;
  #milliseconds = 0;

  /** @param now milliseconds since some fixed moment */
  constructor(disk: Disk, now: () => number) {
    this.#disk = disk;
    this.#now = now;
    this.#beside = new CreatingBeside(disk, (files, milliseconds) => {
      this.#messages += 1;
      this.#judge(files, milliseconds);
    });
  }

  readonly create: Create = (place, content, attributes) => {
    if (this.#isBeside) return this.#beside.create(place, content, attributes);
    const begun = this.#now();
    const created = createHere(this.#disk, place, content, attributes);
    this.#judge(1, this.#now() - begun);
    return created;
  };

  /** Resolves when nothing more is created. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#beside[Symbol.asyncDispose]();
  }

  /** The last files are the measure: a disk becomes slow, and fast again. */
  #judge(files: number, milliseconds: number): void {
    this.#files += files;
    this.#milliseconds += milliseconds;
    if (this.#files < judged) return;
    const isSlow = this.#milliseconds >= slow * this.#files;
    if (this.#isBeside) {
      const isAlone = this.#files < leastTogether * this.#messages;
      this.#isUseless ||= isAlone;
      this.#isBeside = isSlow && !isAlone && this.#beside.isAble;
    } else {
      this.#isBeside = isSlow && !this.#isUseless && this.#beside.isAble;
    }
    this.#files = this.#messages = this.#milliseconds = 0;
  }
}
