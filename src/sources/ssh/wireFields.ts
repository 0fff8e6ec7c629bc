/** Strings of the ssh protocol (RFC 4251, section 5): a length of four bytes, and so many bytes. */

export function field(value: Buffer | string): Buffer {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** The string at an offset; undefined if it does not end within the bytes. */
export function fieldAt(bytes: Buffer, offset: number): Buffer | undefined {
  if (offset + 4 > bytes.length) return undefined;
  const end = offset + 4 + bytes.readUInt32BE(offset);
  return end > bytes.length ? undefined : bytes.subarray(offset + 4, end);
}
