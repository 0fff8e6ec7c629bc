import { BackupError } from '../../base/errors';

/** A server may answer with nothing once by mistake; twice, and it would go on for ever. */
const mostEmptyAnswers = 1;

/** A part of a file that is asked for with one READ, or with more if it is answered in parts. */
export class Chunk {
  readonly offset: number;
  /** Bytes that belong to the file as it was listed. */
  readonly length: number;
  /** One byte more at the end of the file shows whether it has grown. */
  readonly asked: number;
  readonly pieces: Buffer[] = [];
  #received = 0;
  #emptyAnswers = 0;
  isComplete = false;

  constructor(offset: number, length: number, probe: boolean) {
    this.offset = offset;
    this.length = length;
    this.asked = probe ? length + 1 : length;
  }

  get received(): number {
    return this.#received;
  }

  get isProbe(): boolean {
    return this.asked > this.length;
  }

  /** Where the missing rest begins, and how long it is. */
  get missing(): { readonly offset: number; readonly length: number } {
    return { offset: this.offset + this.#received, length: this.asked - this.#received };
  }

  /**
   * Takes an answer. Gives true if it showed bytes beyond the end that was listed. Throws `protocol`
   * if the server sent more than was asked for, or nothing again and again.
   */
  take(pieces: readonly Buffer[], length: number): boolean {
    if (length > this.asked - this.#received) {
      throw new BackupError('protocol', 'The server sent more of a file than was asked for.');
    }
    if (length === 0 && (this.#emptyAnswers += 1) > mostEmptyAnswers) {
      throw new BackupError('protocol', 'The server sends empty content again and again.');
    }
    let room = this.length - this.#received;
    for (const piece of pieces) {
      if (room <= 0) break;
      this.pieces.push(piece.length > room ? piece.subarray(0, room) : piece);
      room -= piece.length;
    }
    this.#received += length;
    this.isComplete = this.#received >= this.length;
    return this.#received > this.length;
  }
}
