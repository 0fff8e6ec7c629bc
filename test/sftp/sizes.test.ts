import { describe, expect, test } from 'vitest';

import { rootPath } from '../../src/model/remotePath';
import { never } from '../ssh/setting';
import { failure, file, scriptedWorld } from './scriptedWorld';

const world = scriptedWorld();
const content = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));

describe('a size that a server tells', () => {
  test.each<[string, number | bigint | undefined, number | undefined]>([
    ['none', undefined, undefined],
    ['of 32 bits that overflowed', -1_294_967_296, undefined],
    ['-1', -1, undefined],
    ['the smallest of 64 bits', -(2n ** 63n), undefined],
    ['the largest of 64 bits', 2n ** 63n - 1n, undefined],
    ['more than any disk has', 2n ** 53n + 1n, undefined],
    ['nothing', 0, 0],
    ['3 GB', 3_000_000_000, 3_000_000_000],
    ['10 TB', 10_000_000_000_000, 10_000_000_000_000],
  ])('%s', async (_what, size, listed) => {
    const attributes = { mode: 0o100644, mtime: 5, ...(size !== undefined && { size }) };
    await world.open({
      names: [{ name: 'f', ...attributes }],
      answer: ({ type }, reply) => type === 7 && (reply.attributes(attributes), true),
    });
    const [entry] = await world.sftp.list(rootPath, never);
    expect(entry).toMatchObject({ path: 'f', type: 'file' });
    expect(entry?.size).toBe(listed);
  });
});

const { size: _size, ...sizeless } = file(0);

describe('a file without a size', () => {
  test.each([0, 1, 512, 32_767, 32_768, 32_769, 65_536, 300_000])(
    'of %i bytes is read to its end, from any offset',
    async (length) => {
      await world.open({ content: content.subarray(0, length) });
      for (const offset of new Set([0, 1, length >> 1, length])) {
        const read = await world.read(sizeless, Math.min(offset, length));
        expect(read.content.equals(content.subarray(offset, length)), `from ${offset}`).toBe(true);
        expect(read.grown).toBe(false);
      }
    },
  );

  test('costs a small one no more than two READs', async () => {
    await world.open({});
    await world.read(sizeless);
    expect(world.scripted.requests.filter(({ type }) => type === 5)).toHaveLength(2);
  });

  test('whose answers are short and come in any order', async () => {
    const held: (() => void)[] = [];
    await world.open({
      content,
      answer: ({ type, offset, length }, reply) => {
        if (type !== 5) return false;
        const part = content.subarray(offset, offset + Math.min(length, 5000));
        held.push(() => (part.length === 0 ? reply.status(1, 'end') : reply.data(part)));
        setTimeout(() => held.splice(Math.floor(held.length / 2), 1)[0]?.(), 1);
        return true;
      },
    });
    expect((await world.read(sizeless)).content.equals(content)).toBe(true);
  });

  test('that was written to meanwhile has changed', async () => {
    await world.open({ content });
    expect(await failure(world.read({ ...sizeless, mtime: 999 }))).toMatchObject({
      kind: 'changed',
    });
  });

  test('is not taken for whole when the connection breaks off', async () => {
    await world.open({
      content,
      answer: ({ type, offset }) => {
        if (type !== 5 || offset < 100_000) return false;
        world.scripted.breakConnections();
        return true;
      },
    });
    expect(await failure(world.read(sizeless))).toMatchObject({ kind: 'connection' });
  });
});
