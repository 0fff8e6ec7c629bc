/**
 * The weak sum of a block (rsync checksum.c: get_checksum1): a = Σ byte, b = Σ running a, bytes taken
 * as signed; 16 bits of each, as an unsigned 32-bit number.
 */
export function rollingSum(block: Uint8Array): number {
  let a = 0;
  let b = 0;
  for (const byte of block) {
    a = (a + (byte < 0x80 ? byte : byte - 0x100)) | 0;
    b = (b + a) | 0;
  }
  return ((a & 0xffff) | (b << 16)) >>> 0;
}
