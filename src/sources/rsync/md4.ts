/**
 * MD4 (RFC 1320), which protocols below 30 need and the OpenSSL of Node refuses. It guards against
 * accidents here, not against anybody.
 */
export class Md4 {
  #a = 0x67452301;
  #b = 0xefcdab89 | 0;
  #c = 0x98badcfe | 0;
  #d = 0x10325476;
  readonly #words = new Int32Array(16);
  readonly #block = Buffer.alloc(64);
  #filled = 0;
  #total = 0;

  update(data: Uint8Array): this {
    this.#total += data.length;
    let at = 0;
    if (this.#filled > 0) {
      at = Math.min(64 - this.#filled, data.length);
      this.#block.set(data.subarray(0, at), this.#filled);
      this.#filled += at;
      if (this.#filled < 64) return this;
      this.#round(this.#block, 0);
      this.#filled = 0;
    }
    for (; at + 64 <= data.length; at += 64) this.#round(data, at);
    this.#block.set(data.subarray(at), 0);
    this.#filled = data.length - at;
    return this;
  }

  /** 16 bytes. Nothing may follow. */
  digest(): Buffer {
    const bits = BigInt(this.#total) * 8n;
    const padding = Buffer.alloc((this.#filled < 56 ? 64 : 128) - this.#filled);
    padding[0] = 0x80;
    padding.writeBigUInt64LE(BigInt.asUintN(64, bits), padding.length - 8);
    this.update(padding);
    const digest = Buffer.alloc(16);
    for (const [index, word] of [this.#a, this.#b, this.#c, this.#d].entries()) {
      digest.writeInt32LE(word, index * 4);
    }
    return digest;
  }

  #round(data: Uint8Array, start: number): void {
    const words = this.#words;
    for (let index = 0, at = start; index < 16; index += 1, at += 4) {
      words[index] =
        (data[at] ?? 0) |
        ((data[at + 1] ?? 0) << 8) |
        ((data[at + 2] ?? 0) << 16) |
        ((data[at + 3] ?? 0) << 24);
    }
    let a = this.#a;
    let b = this.#b;
    let c = this.#c;
    let d = this.#d;
    for (let step = 0; step < 48; step += 1) {
      const part = step >> 4;
      const sum =
        (a + mixed(part, b, c, d) + (words[order[step] ?? 0] ?? 0) + (constants[part] ?? 0)) | 0;
      const turn = turns[part * 4 + (step & 3)] ?? 0;
      const turned = (sum << turn) | (sum >>> (32 - turn));
      [a, d, c, b] = [d, c, b, turned];
    }
    this.#a = (this.#a + a) | 0;
    this.#b = (this.#b + b) | 0;
    this.#c = (this.#c + c) | 0;
    this.#d = (this.#d + d) | 0;
  }
}

/** The functions F, G and H of the RFC. */
function mixed(part: number, x: number, y: number, z: number): number {
  if (part === 0) return (x & y) | (~x & z);
  return part === 1 ? (x & y) | (x & z) | (y & z) : x ^ y ^ z;
}

const constants = [0, 0x5a827999, 0x6ed9eba1];
const turns = [3, 7, 11, 19, 3, 5, 9, 13, 3, 9, 11, 15];
const order = [
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
  ...[0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15],
  ...[0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15],
];
