import { randomBytes } from 'node:crypto';
import { appendFileSync, chmodSync, mkdirSync, rmSync, truncateSync, utimesSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import type { Entry } from '../../src/model/entry';
import { never } from '../ssh/setting';
import { failure, opensshWorld } from './opensshWorld';

const world = opensshWorld();

describe('reading', () => {
  test.each([0, 1, 32_767, 32_768, 32_769, 65_536, 1_000_003, 9_000_001])(
    '%i bytes',
    async (size) => {
      const content = randomBytes(size);
      world.tree(`size ${size}`, { file: content });
      const [entry] = await world.sftp.list(world.pathOf(`size ${size}`), never);
      expect((await world.read(entry!)).equals(content)).toBe(true);
      for (const offset of [1, size >> 1, size].filter((value) => value <= size)) {
        expect((await world.read(entry!, offset)).equals(content.subarray(offset))).toBe(true);
      }
    },
  );

  test('300 files at once', async () => {
    const contents = Array.from({ length: 300 }, () =>
      randomBytes(Math.floor(Math.random() * 80_000)),
    );
    world.tree(
      'crowd',
      Object.fromEntries(contents.map((content, index) => [`${index}`, content])),
    );
    const entries = await world.sftp.list(world.pathOf('crowd'), never);
    const received = await Promise.all(entries.map((entry) => world.read(entry)));
    for (const [index, entry] of entries.entries()) {
      const content = contents[Number(entry.path.split('/').at(-1))]!;
      expect(received[index]!.equals(content)).toBe(true);
    }
  });

  test('what may not be read, be it empty', async () => {
    const path = world.tree('unreadable', { full: 'x', empty: '' });
    for (const name of ['full', 'empty']) chmodSync(`${path}/${name}`, 0);
    for (const entry of await world.sftp.list(world.pathOf('unreadable'), never)) {
      expect(await failure(world.read(entry))).toMatchObject({
        kind: 'permission',
        scope: 'entry',
      });
    }
  });

  test('what has gone, grown, shrunk or changed since it was listed', async () => {
    const path = world.tree('moving', {
      gone: 'x',
      grown: 'x',
      shrunk: 'xyz',
      changed: 'x',
      folder: 'x',
    });
    const entries = await world.sftp.list(world.pathOf('moving'), never);
    const entry = (name: string): Entry => entries.find((one) => one.path.endsWith(name))!;
    rmSync(`${path}/gone`);
    appendFileSync(`${path}/grown`, 'yz');
    truncateSync(`${path}/shrunk`, 1);
    utimesSync(`${path}/changed`, 5, 5);
    rmSync(`${path}/folder`);
    mkdirSync(`${path}/folder`);
    expect(await failure(world.read(entry('gone')))).toMatchObject({ kind: 'not-found' });
    const outcome = await world.sftp.read(entry('grown'), 0, () => undefined, never);
    expect(outcome).toEqual({ grown: true });
    expect((await world.read(entry('grown'))).toString()).toBe('x');
    const shorter = await world.sftp.read(entry('shrunk'), 0, () => undefined, never);
    expect(shorter).toEqual({ grown: false, short: true });
    for (const name of ['changed', 'folder']) {
      expect(await failure(world.read(entry(name)))).toMatchObject({ kind: 'changed' });
    }
  });

  test('a file that shrinks, grows or is rewritten while it is read', async () => {
    const size = 30_000_000;
    const path = world.tree('while', {
      shrinks: Buffer.alloc(size),
      grows: Buffer.alloc(size),
      rewritten: Buffer.alloc(size),
    });
    const old = new Date(1_600_000_000_000);
    for (const name of ['shrinks', 'grows', 'rewritten']) utimesSync(`${path}/${name}`, old, old);
    const during = async (name: string, happen: () => void) => {
      const entry = await world.sftp.stat(world.pathOf(`while/${name}`), never);
      let received = 0;
      let happened = false;
      const outcome = await world.sftp.read(
        entry,
        0,
        (chunk) => {
          received += chunk.length;
          if (received < size / 2 || happened) return undefined;
          happened = true;
          happen();
          return undefined;
        },
        never,
      );
      return { ...outcome, received };
    };
    const shrunk = during('shrinks', () => truncateSync(`${path}/shrinks`, 1000));
    expect(await shrunk).toMatchObject({ grown: false, short: true });
    const grown = await during('grows', () => appendFileSync(`${path}/grows`, 'more'));
    expect(grown).toEqual({ grown: true, received: size });
    const rewritten = during('rewritten', () => utimesSync(`${path}/rewritten`, 7, 7));
    expect(await failure(rewritten)).toMatchObject({ kind: 'changed' });
  });

  test('cancelled at any point', async () => {
    world.tree('cancel', { file: randomBytes(3_000_000) });
    const [entry] = await world.sftp.list(world.pathOf('cancel'), never);
    for (const after of [0, 1, 100_000, 2_900_000]) {
      const stop = new AbortController();
      let received = 0;
      if (after === 0) queueMicrotask(() => stop.abort());
      const reading = world.sftp.read(
        entry!,
        0,
        (chunk) => {
          received += chunk.length;
          if (received >= after) stop.abort();
          return undefined;
        },
        stop.signal,
      );
      expect(await failure(reading)).toMatchObject({ kind: 'cancelled' });
    }
    expect(await world.read(entry!)).toHaveLength(3_000_000);
  });
});
