import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/model/entry';
import { remotePath } from '../../src/model/remotePath';
import { OddSftp, type Oddities, type Tree } from '../servers/oddSftp';
import { never } from '../ssh/setting';
import { failure, scriptedWorld } from './scriptedWorld';

const world = scriptedWorld();
const names = Array.from({ length: 400 }, (_, index) => `f${index}`);
const tree: Tree = {
  '/': { names },
  ...Object.fromEntries(names.map((name) => [`/${name}`, Buffer.from(name)])),
};
/** Milliseconds: here nothing waits for it. */
const patience = 20_000;
const [open, close, read] = [3, 4, 5];

function entry(name: string): Entry {
  return {
    path: remotePath(`/${name}`),
    type: 'file',
    size: name.length,
    mtime: 1_700_000_000,
    granularity: 1,
  };
}

/** A server with room for some handles, which may change. */
function limited(more: Oddities): { odd: OddSftp; oddities: { handles?: number } } {
  const oddities = { ...more };
  return { odd: new OddSftp(tree, oddities), oddities };
}

async function readAll(some: readonly string[]): Promise<string[]> {
  const contents = await Promise.all(some.map((name) => world.read(entry(name))));
  return contents.map(({ content }) => content.toString());
}

const count = (type: number): number =>
  world.scripted.requests.filter((request) => request.type === type).length;

describe('room for few handles', () => {
  test.each([1, 2, 16, 100])(
    '%i: every file is read, and few are asked for in vain',
    async (handles) => {
      const { odd } = limited({ handles });
      await world.open(odd.script, patience);
      expect(await readAll(names)).toEqual(names);
      expect(odd.greatest).toBe(handles);
      const refusedAtFirst = names.length - handles;
      // The first burst is refused; later, only what is tried to find out whether there is more room.
      expect(count(open) - names.length).toBeLessThanOrEqual(refusedAtFirst + 120);
      const before = count(open);
      expect(await readAll(names)).toEqual(names);
      expect(count(open) - before - names.length).toBeLessThanOrEqual(60);
    },
  );

  test('what is learnt is forgotten again when there is more room', async () => {
    const { odd, oddities } = limited({ handles: 2 });
    await world.open(odd.script, patience);
    await readAll(names);
    expect(odd.greatest).toBe(2);
    delete oddities.handles;
    for (let round = 0; round < 12 && odd.greatest < 40; round += 1) await readAll(names);
    expect(odd.greatest).toBeGreaterThanOrEqual(40);
  });

  test('room that becomes less is learnt as well', async () => {
    const { odd, oddities } = limited({ handles: 50 });
    await world.open(odd.script, patience);
    await readAll(names);
    oddities.handles = 3;
    expect(await readAll(names)).toEqual(names);
  });

  test('a file that cannot be opened is refused, and does not hold up the others', async () => {
    const { odd } = limited({});
    const script = odd.script;
    await world.open(
      {
        answer: (request, reply) => {
          if (request.type !== open || request.subject !== '/f7')
            return script.answer!(request, reply);
          reply.status(4, 'Failure');
          return true;
        },
      },
      patience,
    );
    const refused = failure(world.read(entry('f7')));
    expect(await readAll(names.filter((name) => name !== 'f7'))).toHaveLength(names.length - 1);
    expect(await refused).toMatchObject({ kind: 'protocol', scope: 'entry', transient: false });
    expect(odd.greatest).toBeGreaterThan(50);
    // And it is no limit: as many as ever are opened at once.
    const before = count(open);
    await readAll(names.slice(100));
    expect(count(open) - before).toBe(300);
  });

  test('a file that takes long leaves its handle, not the others, waiting', async () => {
    const { odd } = limited({ handles: 2 });
    await world.open(odd.script, patience);
    let go: () => void = () => undefined;
    const blocked = new Promise<void>((resolve) => (go = resolve));
    const slow = world.sftp.read(entry('f0'), 0, () => blocked, never);
    expect(await readAll(names.slice(1))).toEqual(names.slice(1));
    go();
    expect(await slow).toMatchObject({ grown: false });
  });

  test('who waits for room can be cancelled, and takes none then', async () => {
    const { odd } = limited({ handles: 1 });
    const script = odd.script;
    const held: (() => void)[] = [];
    await world.open(
      {
        answer: (request, reply) => {
          const isHeld = request.type === read && request.subject === 'handle 1';
          if (isHeld) held.push(() => script.answer!(request, reply));
          return isHeld || script.answer!(request, reply);
        },
      },
      patience,
    );
    const first = world.read(entry('f0'));
    await expect.poll(() => held.length).toBe(1);
    const stop = new AbortController();
    const waiting = failure(world.read(entry('f1'), 0, stop.signal));
    await expect.poll(() => count(open)).toBe(2);
    await sleep(20);
    stop.abort();
    expect(await waiting).toMatchObject({ kind: 'cancelled' });
    held[0]?.();
    expect((await first).content.toString()).toBe('f0');
    expect((await world.read(entry('f2'))).content.toString()).toBe('f2');
    expect(count(open)).toBe(3);
  });

  test('handles that a lost connection has left are waited for', async () => {
    const { odd, oddities } = limited({ handles: 1 });
    await world.open(odd.script, patience);
    await readAll(names.slice(0, 9));
    oddities.handles = 0;
    const asked = count(open);
    const reading = world.read(entry('f9'));
    await expect.poll(() => count(open)).toBeGreaterThan(asked);
    oddities.handles = 1;
    expect((await reading).content.toString()).toBe('f9');
  });

  test('a connection that is lost gives all room back', async () => {
    const { odd } = limited({ handles: 3 });
    await world.open(odd.script, patience);
    await readAll(names.slice(0, 50));
    world.scripted.breakConnections();
    await sleep(50);
    // The server has closed what was open.
    const fresh = new OddSftp(tree, { handles: 3 });
    world.scripted.script = fresh.script;
    expect(await readAll(names)).toEqual(names);
    expect(fresh.greatest).toBe(3);
  });
});

describe('a server with nothing odd', () => {
  test('costs four requests for a file, and no more than it did for a folder', async () => {
    const { odd } = limited({ dots: true });
    await world.open(odd.script, patience);
    const entries = await world.sftp.list(remotePath('/'), never);
    expect(entries).toHaveLength(names.length);
    await expect.poll(() => count(close)).toBe(1);
    // OPENDIR, at most four READDIRs (two and then one more are sent ahead), CLOSE.
    expect(world.scripted.requests.length).toBeLessThanOrEqual(6);
    const before = world.scripted.requests.length;
    await readAll(names);
    await expect.poll(() => count(close)).toBe(names.length + 1);
    expect(world.scripted.requests.length - before).toBe(4 * names.length);
  });
});
