import { mkdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { remotePath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import { filterRules } from '../../src/sources/rsync/filterRules';
import { rsyncWorld, scanned } from './worlds';

const world = rsyncWorld();

function rulesOf(exclude: readonly string[], include = ['/var/www'], links = 'record'): string[] {
  const selection = new Selection(include, exclude, links as 'record' | 'follow');
  const rules = filterRules(selection, remotePath('/var/www'), 'itself');
  return rules.map((rule) => rule.toString());
}

describe('exclude rules that a server may apply', () => {
  it('are those that mean the same to it, and spare the root', () => {
    const exclude = [
      'node_modules/',
      '*.log',
      '/var/www/cache/',
      'a/b',
      '**/x',
      '#',
      '',
      'x ',
      '[ab]',
    ];
    expect(rulesOf(exclude)).toEqual(['+ /www', '- node_modules/', '- *.log']);
    expect(rulesOf(['/anchored/only'])).toEqual([]);
  });

  it('are none where their order or place matters', () => {
    expect(rulesOf(['*.log', '!keep.log'])).toEqual([]);
    expect(rulesOf(['*.log'], ['/var/www', '/var/www/logs'])).toEqual([]);
    expect(rulesOf(['*.log'], ['/var/www'], 'follow')).toEqual([]);
  });

  it.each([27, 29, 31])('hide nothing else and save the listing, protocol %i', async (offer) => {
    const place = `${world.folder}/www.log-${offer}`;
    const files = ['index', 'x.log', 'logs/y', 'node_modules/a', 'sub/node_modules/b', 'sub/z.log'];
    for (const folder of ['logs', 'node_modules', 'sub/node_modules']) {
      mkdirSync(`${place}/${folder}`, { recursive: true });
    }
    for (const file of files) writeFileSync(`${place}/${file}`, 'x');
    for (let file = 0; file < 2000; file += 1) writeFileSync(`${place}/node_modules/f${file}`, '');
    writeFileSync(`${place}/sub/node_modules.txt`, 'x');
    world.handOver();
    await using source = await world.open('ssh', { offer });
    const root = world.shown('ssh', place);
    // The last one matches the root itself.
    const exclude = ['node_modules/', '*.log', 'www.log-*'];
    const before = source.receivedBytes;
    const found = await scanned(source, root, new Selection([place], exclude, 'record'));
    const names = found.map(({ entry }) => entry?.path.slice(root.length));
    expect(names).toEqual(['', '/index', '/logs', '/logs/y', '/sub', '/sub/node_modules.txt']);
    expect(source.receivedBytes - before).toBeLessThan(2000);
  });
});
