import type { ByteReader } from './byteReader';
import type { ByteWriter } from './byteWriter';
import { malformed } from './protocolError';

/** The number that ends a phase (rsync rsync.h: NDX_DONE). */
export const phaseDone = -1;

const negative = 0xff;
const wide = 0xfe;

/** Reads indices of files: as ints below protocol 30, as differences from there on (io.c: read_ndx). */
export class FileIndexReader {
  readonly #asInts: boolean;
  #positive = -1;
  #magnitude = 1;

  constructor(protocol: number) {
    this.#asInts = protocol < 30;
  }

  /** To be called inside `ByteReader.attempt`: the state changes only when all bytes are there. */
  read(reader: ByteReader): number {
    if (this.#asInts) return reader.int();
    const head = reader.byte();
    if (head === 0) return phaseDone;
    const isNegative = head === negative;
    const first = isNegative ? reader.byte() : head;
    const value = this.#valueAfter(isNegative ? this.#magnitude : this.#positive, first, reader);
    if (value < 0) throw malformed('a file index out of range');
    if (isNegative) this.#magnitude = value;
    else this.#positive = value;
    return isNegative ? -value : value;
  }

  #valueAfter(previous: number, first: number, reader: ByteReader): number {
    if (first !== wide) return previous + first;
    const top = reader.byte();
    if ((top & 0x80) === 0) return previous + top * 256 + reader.byte();
    const low = reader.bytes(3);
    return low.readUIntLE(0, 3) + (top & 0x7f) * 0x100_0000;
  }
}

/** Writes indices of files (io.c: write_ndx). A pulling client has no negative one but "done". */
export class FileIndexWriter {
  readonly #asInts: boolean;
  #positive = -1;

  constructor(protocol: number) {
    this.#asInts = protocol < 30;
  }

  done(writer: ByteWriter): void {
    if (this.#asInts) writer.int(phaseDone);
    else writer.byte(0);
  }

  write(writer: ByteWriter, index: number): void {
    if (this.#asInts) {
      writer.int(index);
      return;
    }
    const difference = index - this.#positive;
    this.#positive = index;
    if (difference > 0 && difference < wide) {
      writer.byte(difference);
    } else if (difference >= 0 && difference < 0x8000) {
      writer
        .byte(wide)
        .byte(difference >> 8)
        .byte(difference & 0xff);
    } else {
      writer.byte(wide).byte(0x80 | (index >>> 24));
      writer
        .byte(index & 0xff)
        .byte((index >> 8) & 0xff)
        .byte((index >> 16) & 0xff);
    }
  }
}
