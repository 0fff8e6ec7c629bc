/** Strings of the ssh protocol (RFC 4251, section 5): a length of four bytes, and so many bytes. */

export function field(value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  return Buffer.concat([uint32(bytes.length), bytes]);
}

export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** A positive number of many bytes (`mpint`): without zeros in front, but never with its highest bit set. */
export function largeNumber(bytes: Buffer): Buffer {
  let start = 0;
  while (start < bytes.length && bytes[start] === 0) start += 1;
  const significant = bytes.subarray(start);
  const sign = (significant[0] ?? 0) >= 0x80 ? [0] : [];
  return field(Buffer.concat([Buffer.from(sign), significant]));
}

/** The string at an offset; undefined if it does not end within the bytes. */
export function fieldAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + 4 > bytes.length) return undefined;
  const end = offset + 4 + bytes.readUInt32BE(offset);
  return end > bytes.length ? undefined : bytes.subarray(offset + 4, end);
}

/** Takes values one after the other. Each throws a RangeError if it does not end within the bytes. */
export class FieldReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get offset(): number {
    return this.#offset;
  }

  get isAtEnd(): boolean {
    return this.#offset === this.#bytes.length;
  }

  string(): Buffer {
    const value = fieldAt(this.#bytes, this.#offset);
    if (!value) throw new RangeError('a string does not end within the bytes');
    this.#offset += 4 + value.length;
    return value;
  }

  uint32(): number {
    const value = this.#bytes.readUInt32BE(this.#offset);
    this.#offset += 4;
    return value;
  }

  uint64(): bigint {
    const value = this.#bytes.readBigUInt64BE(this.#offset);
    this.#offset += 8;
    return value;
  }
}
