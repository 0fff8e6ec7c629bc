import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, describe, it } from 'vitest';
import { spokenProtocol } from '../../src/sources/rsync/rsyncSession';
import { fillTree, OriginalTree, type NameGroup } from '../conformance/originalTree';
import { never } from '../ssh/setting';
import { DigestSink, rsyncWorld, scanned, wantedOf, type Way } from './worlds';

const world = rsyncWorld();
const groups: readonly NameGroup[] = [
  ...(['plain', 'spaces', 'signs', 'colon', 'backslash', 'unicode', 'listing'] as const),
  ...(['latin1', 'long', 'controls', 'lineFeed'] as const),
];
const ways: readonly Way[] = ['ssh', 'daemon'];
const cases = ways.flatMap((way) =>
  [27, 28, 29, 30, 31, 32].flatMap((offer) =>
    ['whole', 'delta'].map((manner) => ({ way, offer, manner })),
  ),
);

describe('every protocol, both ways, whole and by differences', () => {
  it.each(cases)('$way, protocol $offer, $manner', async ({ way, offer, manner }) => {
    const place = `${world.folder}/${way}-${offer}-${manner}`;
    const tree = new OriginalTree(place, world.ssh.account);
    fillTree(tree, groups, Date.now());
    tree.handOver();
    await using source = await world.open(way, { offer });
    const root = world.shown(way, place);
    const found = await scanned(source, root);
    const originals = tree.originals();
    const shown = found.map(({ entry }) => entry?.path.slice(root.length + 1));
    expect(shown.slice(1)).toEqual([...originals.keys()]);
    for (const { entry } of found.slice(1)) {
      const original = originals.get(entry!.path.slice(root.length + 1))!;
      expect(entry).toMatchObject({ type: original.type, mode: original.mode });
      expect(entry!.target).toBe(original.target);
      if (original.type === 'file') expect(entry!.size).toBe(original.size);
      const microseconds = original.mtime / 1000n - (original.mtime % 1000n < 0n ? 1n : 0n);
      const seconds = original.mtime / 1_000_000_000n;
      const modern = Math.min(offer, 32) >= 31;
      // Below protocol 30 a time before 1970 arrives as one after 2038.
      const expected = modern ? Number(microseconds) / 1e6 : Number(seconds);
      const isOld = original.mtime < 0n;
      if (!isOld) expect(entry!.mtime).toBeCloseTo(expected, 6);
      else if (offer >= 30) expect(Math.abs(entry!.mtime! - expected)).toBeLessThanOrEqual(1);
      else expect(entry!.mtime).toBe(Number(seconds) + 2 ** 32);
    }
    const sink = new DigestSink();
    const bases = `${world.folder}/bases-${way}-${offer}`;
    mkdirSync(bases);
    let bytes = 0;
    const before = source.receivedBytes;
    const wanted = wantedOf(found, (path) => {
      if (manner === 'whole') return undefined;
      const content = readFileSync(tree.at(path.slice(root.length + 1)));
      bytes += content.length;
      const middle = content.length >> 1;
      content.fill('!', middle, Math.min(middle + 10, content.length));
      const basis = `${bases}/${createHash('sha256').update(path).digest('hex')}`;
      writeFileSync(basis, content);
      return { place: basis, size: content.length, isTwin: false };
    });
    await source.fetch(wanted, sink, never);
    rmSync(bases, { recursive: true });
    expect([...sink.skipped]).toEqual([]);
    const files = [...originals].filter(([, { type }]) => type === 'file');
    expect(sink.arrived.size).toBe(files.length);
    for (const [name, { sha256 }] of files) {
      expect(sink.arrived.get(`${root}/${name}`), name).toBe(sha256);
    }
    if (manner === 'delta') expect(source.receivedBytes - before).toBeLessThan(bytes / 20);
    tree[Symbol.dispose]();
  });

  it('offers 31, which it takes for the best', () => {
    expect(spokenProtocol).toBe(31);
  });
});
