import { BackupError } from '../../base/errors';

/** Reads the fields of one packet. Everything is checked against the packet's end before it is used. */
export class Fields {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  uint32(): number {
    const at = this.#advance(4);
    return this.#bytes.readUInt32BE(at);
  }

  /** A number of 64 bits; beyond 2^53 it is near the one that was sent, not exact. */
  uint64(): number {
    const high = this.uint32();
    return high * 0x1_0000_0000 + this.uint32();
  }

  bytes(most: number): Buffer {
    const length = this.#length(most);
    const at = this.#advance(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** A string as a byte string: one character for each byte. */
  byteString(most: number): string {
    const length = this.#length(most);
    const at = this.#advance(length);
    return this.#bytes.toString('latin1', at, at + length);
  }

  skipString(most: number): void {
    this.#advance(this.#length(most));
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  #length(most: number): number {
    const length = this.uint32();
    if (length > most) throw malformed(`a string of ${length} bytes`);
    return length;
  }

  #advance(count: number): number {
    const at = this.#offset;
    if (at + count > this.#bytes.length) throw malformed('a packet that ends too early');
    this.#offset = at + count;
    return at;
  }
}

/** The server does not speak SFTP as it should; the connection cannot be trusted any more. */
export function malformed(what: string): BackupError {
  return new BackupError('protocol', `The server sent ${what}: it does not speak SFTP correctly.`);
}
