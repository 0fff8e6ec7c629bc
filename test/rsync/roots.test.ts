import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rootPath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import { never } from '../ssh/setting';
import { DigestSink, rsyncWorld, scanned, wantedOf, type Way } from './worlds';

const world = rsyncWorld();

describe.each<Way>(['ssh', 'daemon'])('included paths over %s', (way) => {
  it('that are links are followed, dangling ones recorded', async () => {
    const place = world.tree(`links-${way}`, { 'a file': 'x' });
    mkdirSync(`${place}/folder`);
    writeFileSync(`${place}/folder/inside`, 'y');
    symlinkSync('folder', `${place}/to-folder`);
    symlinkSync('to-folder', `${place}/to-link`);
    symlinkSync('a file', `${place}/to-file`);
    symlinkSync('nowhere', `${place}/to-nothing`);
    symlinkSync('round', `${place}/round`);
    world.handOver();
    await using source = await world.open(way);
    const root = world.shown(way, place);
    const include = ['to-file', 'to-link', 'to-nothing', 'round', 'missing'];
    const paths = include.map((name) => `/${root}/${name}`);
    const found = await scanned(source, rootPath, new Selection(paths, [], 'record'));
    const shown = found.map(({ entry, error }) =>
      [entry?.path.slice(root.length + 1), error?.kind ?? entry?.type].join(' '),
    );
    expect(shown).toEqual([
      ' not-found',
      'round symlink',
      'to-file file',
      'to-link directory',
      'to-link/inside file',
      'to-nothing symlink',
    ]);
    const sink = new DigestSink();
    await source.fetch(wantedOf(found), sink, never);
    expect([...sink.skipped]).toEqual([]);
    expect([...sink.arrived.keys()]).toEqual([`${root}/to-file`, `${root}/to-link/inside`]);
  });

  it('may be more than there may be sessions', async () => {
    const place = world.tree(`many-${way}`, {});
    const names = Array.from({ length: 12 }, (_none, at) => `root${10 + at}`);
    for (const name of names) {
      mkdirSync(`${place}/${name}`);
      writeFileSync(`${place}/${name}/file`, name);
    }
    world.handOver();
    await using source = await world.open(way, {}, { connections: 2 });
    const root = world.shown(way, place);
    const paths = names.map((name) => `/${root}/${name}`);
    const found = await scanned(source, rootPath, new Selection(paths, [], 'record'));
    expect(found).toHaveLength(24);
    const sink = new DigestSink();
    await source.fetch(wantedOf(found), sink, never);
    expect([...sink.arrived.keys()]).toEqual(names.map((name) => `${root}/${name}/file`));
  });
});
