import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Selection } from '../../src/model/selection';
import { never } from '../ssh/setting';
import { collected, rsyncWorld, type Way } from './worlds';

const world = rsyncWorld();
const ways: readonly Way[] = ['ssh', 'daemon'];

describe.each(ways)('rsync over %s', (way) => {
  it('asks once more about a folder that is empty, but was not', async () => {
    const place = world.tree(`emptied-${way}`, { file: 'x' });
    for (const name of ['believed', 'filled', 'filled-with-what-is-excluded', 'always']) {
      mkdirSync(`${place}/${name}`);
    }
    world.handOver();
    await using source = await world.open(way);
    const root = world.shown(way, place);
    const asked: string[] = [];
    // Whoever is asked whether there was something puts something in: the second look finds it.
    const hadContent = (folder: string): Promise<boolean> => {
      const name = folder.slice(root.length + 1);
      asked.push(name);
      if (name === 'filled') writeFileSync(`${place}/filled/file`, 'x');
      if (name.startsWith('filled-')) writeFileSync(`${place}/${name}/x.log`, 'x');
      return Promise.resolve(name !== 'always');
    };
    const selection = new Selection([`/${root}`], ['*.log'], 'record');
    const found = await collected(source.scan(selection, never, hadContent));
    expect(asked.sort()).toEqual(['always', 'believed', 'filled', 'filled-with-what-is-excluded']);
    const failed = found.filter(({ error }) => error !== undefined);
    expect(failed).toHaveLength(1);
    expect(failed[0]).toMatchObject({ path: `${root}/filled`, error: { kind: 'protocol' } });
  });
});
