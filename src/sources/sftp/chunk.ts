import { BackupError } from '../../base/errors';

/** A part of a file that is asked for with one READ, or with more if it is answered in parts. */
export class Chunk {
  readonly offset: number;
  /** Bytes that belong to the file as it was listed. */
  readonly length: number;
  readonly pieces: Buffer[] = [];
  isComplete = false;
  /** Answers without content. */
  emptyAnswers = 0;
  /** The longest READ, in bytes. */
  mostAtOnce = Number.POSITIVE_INFINITY;
  readonly #probes: boolean;
  /** Where the READs end, from `offset` on. */
  #goal: number;
  #received = 0;

  /**
   * @param probes one byte more at the end of the file shows whether it has grown
   * @param probesAtOnce it is asked for together with the bytes before it
   */
  constructor(offset: number, length: number, probes: boolean, probesAtOnce = true) {
    this.offset = offset;
    this.length = length;
    this.#probes = probes;
    this.#goal = probes && (probesAtOnce || length === 0) ? length + 1 : length;
  }

  get received(): number {
    return this.#received;
  }

  /** Whether more is asked for than the file had when it was listed, and some of that is still to come. */
  get reachesTooFar(): boolean {
    return this.#goal > this.length && this.#received < this.length;
  }

  /** Where the missing rest begins, and how long it is. */
  get missing(): { readonly offset: number; readonly length: number } {
    const length = Math.min(this.#goal - this.#received, this.mostAtOnce);
    return { offset: this.offset + this.#received, length };
  }

  /** From now on no READ ends behind that place in the file, until all before it has come. */
  endAt(place: number): void {
    this.#goal = place - this.offset;
  }

  /**
   * Takes an answer to a READ of `asked` bytes. Gives true if it showed bytes beyond the end that was
   * listed. Throws `protocol` if the server sent more than was asked for.
   */
  take(pieces: readonly Buffer[], length: number, asked: number): boolean {
    if (length > asked) {
      throw new BackupError('protocol', 'The server sent more of a file than was asked for.');
    }
    if (length === 0) this.emptyAnswers += 1;
    let room = this.length - this.#received;
    for (const piece of pieces) {
      if (room <= 0) break;
      this.pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
      room -= piece.length;
    }
    this.#received += length;
    const isExact = this.#received === this.#goal;
    if (isExact && this.#received < this.length) this.#goal = this.length;
    else if (isExact && this.#received === this.length && this.#probes) this.#goal += 1;
    else this.isComplete = this.#received >= this.length;
    return this.#received > this.length;
  }
}
