import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BasisBytes } from '../../src/sources/rsync/basisBytes';
import { blockAt, blocksOf, writeSums } from '../../src/sources/rsync/blockSums';
import { ByteReader } from '../../src/sources/rsync/byteReader';
import { ByteWriter } from '../../src/sources/rsync/byteWriter';
import { Digests } from '../../src/sources/rsync/digests';
import { FileIndexReader, FileIndexWriter } from '../../src/sources/rsync/fileIndex';
import { FrameSplitter, framesOf } from '../../src/sources/rsync/frames';
import { Md4 } from '../../src/sources/rsync/md4';
import { rollingSum } from '../../src/sources/rsync/rollingSum';

function readerOf(hex: string): ByteReader {
  const reader = new ByteReader();
  reader.append(Buffer.from(hex.replaceAll(' ', ''), 'hex'));
  return reader;
}

function read<T>(hex: string, how: (reader: ByteReader) => T): T | undefined {
  const reader = readerOf(hex);
  const value = reader.attempt(() => how(reader));
  if (value !== undefined) expect(reader.available).toBe(0);
  return value;
}

describe('numbers', () => {
  it.each([
    ['7f', 127],
    ['8080', 128],
    ['c0 ff ff', 65_535],
    ['f0 ff ff ff 7f', 0x7fffffff],
    ['f0 ff ff ff ff', -1],
  ])('varint %s', (hex, value) => {
    expect(read(hex, (reader) => reader.varint())).toBe(value);
  });

  it.each([
    ['00 03 00', 3, 3],
    ['65 25 7d 93', 4, 1_704_164_645],
    ['f8 00 24 30 ed ff ff ff ff', 4, -315_612_160],
    ['f8 ff ff ff ff ff ff ff ff', 4, -1],
    ['d0 00 00 00 00', 3, 2 ** 36],
  ])('varlong %s', (hex, least, value) => {
    expect(read(hex, (reader) => reader.varlong(least))).toBe(value);
  });

  it('refuses numbers that no server means', () => {
    expect(() => read('f8 00 00 00 00 00', (reader) => reader.varint())).toThrow('32 bits');
    expect(() => read('fc'.padEnd(24, '0'), (reader) => reader.varlong(4))).toThrow('64 bits');
  });

  it('reads those that are beyond all sense as what they nearly are', () => {
    const beyond = 'f8' + 'ff'.repeat(7) + '7f';
    expect(read(beyond, (reader) => reader.varlong(4))).toBeGreaterThan(Number.MAX_SAFE_INTEGER);
  });

  it('reads longs, shorts and texts with their length', () => {
    expect(read('ff ff ff ff 00 00 00 00 01 00 00 00', (reader) => reader.long())).toBe(2 ** 32);
    expect(read('05 00 00 00', (reader) => reader.long())).toBe(5);
    expect(read('00 80', (reader) => reader.short())).toBe(0x8000);
    expect(read('02 68 69', (reader) => reader.vstring().toString())).toBe('hi');
    const long = read(`8105${'61'.repeat(261)}`, (reader) => reader.vstring().length);
    expect(long).toBe(261);
  });

  it('starts over when bytes are missing, wherever the pieces are cut', () => {
    const whole = Buffer.from('65257d93 8080 000300'.replaceAll(' ', ''), 'hex');
    for (let cut = 0; cut < whole.length; cut += 1) {
      const reader = new ByteReader();
      const parse = (): number[] => [reader.varlong(4), reader.varint(), reader.varlong(3)];
      reader.append(whole.subarray(0, cut));
      expect(reader.attempt(parse)).toBeUndefined();
      expect(reader.available).toBe(cut);
      reader.append(whole.subarray(cut));
      expect(reader.attempt(parse)).toEqual([1_704_164_645, 128, 3]);
    }
  });
});

describe('indices of files', () => {
  it.each([27, 31])('are read as they were written at protocol %i', (protocol) => {
    const index = fc.oneof(fc.nat(600), fc.nat(40_000), fc.nat(0x7fffffff));
    fc.assert(
      fc.property(fc.array(index, { minLength: 1 }), (indices) => {
        const writer = new ByteWriter();
        const out = new FileIndexWriter(protocol);
        for (const value of indices) out.write(writer, value);
        out.done(writer);
        const reader = new ByteReader();
        reader.append(writer.done());
        const back = new FileIndexReader(protocol);
        const found = [...indices, -1].map(() => reader.attempt(() => back.read(reader)));
        expect(found).toEqual([...indices, -1]);
        expect(reader.available).toBe(0);
      }),
    );
  });

  it('follow the golden session, and count negative ones on their own', () => {
    const reader = readerOf('02 03 00 ff 64 fe 01 00 fe 80 00 00 00 05');
    const back = new FileIndexReader(31);
    const found = Array.from({ length: 7 }, () => reader.attempt(() => back.read(reader)));
    expect(found).toEqual([1, 4, -1, -101, 260, 0, 5]);
  });
});

describe('frames', () => {
  function split(chunks: readonly Buffer[]): { data: string; messages: [number, string][] } {
    const found = { data: '', messages: [] as [number, string][] };
    const splitter = new FrameSplitter({
      onData: (data) => (found.data += data.toString('latin1')),
      onMessage: (tag, payload) => found.messages.push([tag, payload.toString('latin1')]),
    });
    for (const chunk of chunks) splitter.push(chunk);
    return found;
  }

  const wire = Buffer.concat([
    framesOf(Buffer.from('one')),
    Buffer.from('0400000a', 'hex'),
    Buffer.from('oops'),
    Buffer.from('00000007', 'hex'),
    Buffer.from('0000 0031'.replace(' ', ''), 'hex'),
    framesOf(Buffer.from('two')),
  ]);

  it('are taken apart wherever they are cut', () => {
    for (let cut = 0; cut < wire.length; cut += 1) {
      const found = split([wire.subarray(0, cut), wire.subarray(cut)]);
      expect(found).toEqual({
        data: 'onetwo',
        messages: [
          [3, 'oops'],
          [42, ''],
        ],
      });
    }
  });

  it('of endless length or without a tag are refused', () => {
    expect(() => split([Buffer.from('ffffff0a', 'hex')])).toThrow('message of');
    expect(() => split([Buffer.from('SSH-')])).toThrow('message of');
    expect(() => split([Buffer.from('00000006', 'hex')])).toThrow('no frame');
  });

  it('hold more than one frame can carry', () => {
    const large = Buffer.alloc(0x1000002, 'x');
    expect(split([framesOf(large)]).data).toHaveLength(large.length);
  });
});

describe('sums and digests', () => {
  it.each([
    ['', '31d6cfe0d16ae931b73c59d7e0c089c0'],
    ['abc', 'a448017aaf21d8525fc10ae87aa6729d'],
    ['message digest', 'd9130a8164549fe818874806e1c7014b'],
    ['1234567890'.repeat(8), 'e33b4ddc9c38f2199c3e7b164fcc0536'],
  ])('MD4 of RFC 1320: "%s"', (text, digest) => {
    expect(new Md4().update(Buffer.from(text)).digest().toString('hex')).toBe(digest);
  });

  it('MD4 does not depend on how the data are cut', () => {
    const data = randomBytes(1000);
    const whole = new Md4().update(data).digest();
    for (let cut = 0; cut <= data.length; cut += 37) {
      const parts = new Md4().update(data.subarray(0, cut)).update(data.subarray(cut));
      expect(parts.digest()).toEqual(whole);
    }
  });

  it('weak sums take bytes as signed', () => {
    expect(rollingSum(Buffer.from([1, 2, 3]))).toBe((10 << 16) + 6);
    expect(rollingSum(Buffer.from([0xff]))).toBe(0xffffffff);
  });

  it('weak sums are those of the definition, for blocks of any length and content', () => {
    const block = fc.oneof(
      fc.uint8Array({ maxLength: 70 }),
      // The longest block there is, with bytes that take the sums as far as they go.
      fc
        .tuple(fc.constantFrom(131_072, 131_071, 14_480), fc.constantFrom(0x7f, 0x80, 0xff))
        .map(([length, byte]) => new Uint8Array(length).fill(byte)),
    );
    fc.assert(fc.property(block, (bytes) => rollingSum(bytes) === weakSumOf(bytes)));
  });

  it('put the seed where the protocol wants it', () => {
    const block = Buffer.from('block');
    const seed = Buffer.from('07000000', 'hex');
    const md5 = (...parts: Buffer[]): Buffer =>
      createHash('md5').update(Buffer.concat(parts)).digest();
    expect(new Digests(31, 7, true).ofBlock(block)).toEqual(md5(seed, block));
    expect(new Digests(30, 7, false).ofBlock(block)).toEqual(md5(block, seed));
    const older = new Digests(29, 7, false);
    expect(older.ofBlock(block)).toEqual(new Md4().update(block).update(seed).digest());
    const file = older.ofFile();
    file.update(block);
    expect(file.digest()).toEqual(new Md4().update(seed).update(block).digest());
  });
});

describe('blocks of a basis', () => {
  it.each([
    [0, 0, 0, 0],
    [1, 1, 700, 1],
    [700, 1, 700, 0],
    [490_000, 700, 700, 0],
    [490_001, 701, 700, 1],
    [200_000_000, 14_145, 14_136, 60_416 % 14_136],
    [2 ** 40, 2 ** 40 / 131_072, 131_072, 0],
  ])('of %i bytes', (size, count, length, remainder) => {
    const head = blocksOf(size);
    expect([head.count, head.length]).toEqual([Math.ceil(size / (head.length || 1)), length]);
    if (size < 1_000_000) expect([head.count, head.remainder]).toEqual([count, remainder]);
    if (head.count === 0) return;
    const last = blockAt(head, head.count - 1);
    expect(last.start + last.length).toBe(size);
  });

  it('are summed one by one', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-sums-'));
    const content = randomBytes(2_500_123);
    writeFileSync(join(folder, 'basis'), content);
    const digests = new Digests(31, 1, true);
    const head = blocksOf(content.length);
    const file = await open(join(folder, 'basis'));
    const writer = new ByteWriter();
    const basis = new BasisBytes([{ file, size: content.length }]);
    expect(await writeSums(writer, basis, head, digests)).toBe(true);
    expect(await writeSums(new ByteWriter(), basis, blocksOf(3_000_000), digests)).toBe(false);
    await file.close();
    rmSync(folder, { recursive: true });
    const sums = writer.done();
    expect(sums.length).toBe(head.count * 20);
    for (const index of [0, 1, head.count - 1]) {
      const { start, length } = blockAt(head, index);
      const block = content.subarray(start, start + length);
      expect(sums.readUInt32LE(index * 20)).toBe(rollingSum(block));
      expect(sums.subarray(index * 20 + 4, index * 20 + 20)).toEqual(digests.ofBlock(block));
    }
  });
});

/** By the definition, with numbers that do not overflow. */
function weakSumOf(bytes: Uint8Array): number {
  let a = 0n;
  let b = 0n;
  for (const byte of new Int8Array(bytes)) {
    a += BigInt(byte);
    b += a;
  }
  return Number((BigInt.asUintN(16, b) << 16n) | BigInt.asUintN(16, a));
}
