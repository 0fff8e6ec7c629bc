import { malformed } from './protocolError';

/** Thrown inside `ByteReader.attempt` only. */
const starved = new Error('More bytes are needed.');

const none = Buffer.alloc(0);

/** How many bytes follow the first one of a varint or varlong (rsync io.c: int_byte_extra). */
function extraBytes(head: number): number {
  if (head < 0x80) return 0;
  if (head < 0xc0) return 1;
  if (head < 0xe0) return 2;
  if (head < 0xf0) return 3;
  if (head < 0xf8) return 4;
  return head < 0xfc ? 5 : 6;
}

/**
 * The numbers of the rsync protocol, little-endian, read from bytes that arrive in pieces
 * (counterparts in rsync's io.c: read_int, read_varint, read_varlong, read_vstring). What is read
 * belongs into `attempt`, which starts over when more bytes have come.
 */
export class ByteReader {
  #bytes: Buffer = none;
  #at = 0;

  /** Bytes that have arrived and are not read yet. */
  get available(): number {
    return this.#bytes.length - this.#at;
  }

  append(chunk: Buffer): void {
    this.#bytes =
      this.available === 0 ? chunk : Buffer.concat([this.#bytes.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** What `read` returns, or undefined, with nothing consumed, if its bytes have not all arrived. */
  attempt<T>(read: () => T): T | undefined {
    const start = this.#at;
    try {
      return read();
    } catch (error) {
      if (error !== starved) throw error;
      this.#at = start;
      return undefined;
    }
  }

  /** Takes everything that has arrived, at most `most` bytes; outside of `attempt` too. */
  takeUpTo(most: number): Buffer {
    const end = Math.min(this.#bytes.length, this.#at + most);
    const taken = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return taken;
  }

  bytes(count: number): Buffer {
    const start = this.#advance(count);
    return this.#bytes.subarray(start, start + count);
  }

  byte(): number {
    const start = this.#advance(1);
    return this.#bytes[start] ?? 0;
  }

  /** Two bytes, unsigned. */
  short(): number {
    return this.#bytes.readUInt16LE(this.#advance(2));
  }

  /** Four bytes, signed. */
  int(): number {
    return this.#bytes.readInt32LE(this.#advance(4));
  }

  unsignedInt(): number {
    return this.#bytes.readUInt32LE(this.#advance(4));
  }

  /** Below protocol 30: an int, or −1 and eight bytes; beyond 2^53 near what was sent, not exact. */
  long(): number {
    const short = this.int();
    return short === -1 ? Number(this.#bytes.readBigInt64LE(this.#advance(8))) : short;
  }

  /** From protocol 30: 32 bits in one to five bytes. */
  varint(): number {
    const head = this.byte();
    const extra = extraBytes(head);
    if (extra > 4) throw malformed('a number of more than 32 bits');
    let value = 0;
    for (let index = 0; index < extra; index += 1) value |= this.byte() << (8 * index);
    if (extra === 4) return value;
    return value | ((head & ((1 << (8 - extra)) - 1)) << (8 * extra));
  }

  /** From protocol 30: 64 bits in `least` to nine bytes; beyond 2^53 near what was sent, not exact. */
  varlong(least: number): number {
    const head = this.byte();
    const extra = extraBytes(head);
    const lower = least - 1 + extra;
    if (lower > 8) throw malformed('a number of more than 64 bits');
    let value = 0n;
    for (let index = 0; index < lower; index += 1) {
      value |= BigInt(this.byte()) << BigInt(8 * index);
    }
    const top = BigInt(head & ((1 << (8 - extra)) - 1));
    return Number(BigInt.asIntN(64, value | (top << BigInt(8 * lower))));
  }

  /** A text with its length before it, at most 32,767 bytes. */
  vstring(): Buffer {
    const first = this.byte();
    const length = first < 0x80 ? first : (first & 0x7f) * 256 + this.byte();
    return this.bytes(length);
  }

  #advance(count: number): number {
    if (count > this.available) throw starved;
    const start = this.#at;
    this.#at += count;
    return start;
  }
}
