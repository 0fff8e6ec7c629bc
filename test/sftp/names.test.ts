import { mkdirSync, writeFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { bytesOf, fromBytes } from '../../src/model/remotePath';
import { never } from '../ssh/setting';
import { opensshWorld } from './opensshWorld';

const world = opensshWorld();

describe('names are bytes', () => {
  const names: readonly [string, Buffer][] = [
    ['Latin-1', Buffer.from('caf\xe9', 'latin1')],
    [
      'any bytes',
      Buffer.from(
        Array.from({ length: 255 }, (_, index) => index + 1).filter((byte) => byte !== 47),
      ),
    ],
    ['a line feed', Buffer.from('a\nb')],
    ['a carriage return', Buffer.from('a\rb')],
    ['a tab', Buffer.from('a\tb')],
    ['a backslash', Buffer.from('a\\..\\b')],
    ['spaces', Buffer.from(' a b ')],
    ['an arrow', Buffer.from('a -> b')],
    ['patterns', Buffer.from('*?[x]~#%41"\'`$(x)')],
    ['a dash', Buffer.from('-rf')],
    ['dots', Buffer.from('...')],
    ['emoji', Buffer.from('👩‍👩‍👧 🎉')],
    ['composed accents', Buffer.from('é'.normalize('NFC'))],
    ['decomposed accents', Buffer.from('é'.normalize('NFD'))],
    ['255 bytes', Buffer.alloc(255, 'x')],
    ['names of devices', Buffer.from('aux.txt')],
  ];

  test.each(names)('%s', async (what, name) => {
    const path = world.tree(`name ${what}`);
    writeFileSync(Buffer.concat([Buffer.from(`${path}/`), name]), `content of ${what}`);
    const [entry] = await world.sftp.list(world.pathOf(`name ${what}`), never);
    expect(bytesOf(entry!.path.slice(entry!.path.lastIndexOf('/') + 1)).equals(name)).toBe(true);
    expect((await world.read(entry!)).toString()).toBe(`content of ${what}`);
    const again = fromBytes(Buffer.concat([Buffer.from(`${path.slice(1)}/`), name]));
    expect(await world.sftp.stat(again, never)).toEqual(entry);
  });

  test('a folder of them, several levels deep', async () => {
    const deep = Buffer.concat([
      Buffer.from(`${world.tree('deep')}/`),
      Buffer.from('d\xe9/\nx/y', 'latin1'),
    ]);
    mkdirSync(deep, { recursive: true });
    writeFileSync(Buffer.concat([deep, Buffer.from('/z')]), 'deep');
    let [entry] = await world.sftp.list(world.pathOf('deep'), never);
    while (entry?.type === 'directory') [entry] = await world.sftp.list(entry.path, never);
    expect((await world.read(entry!)).toString()).toBe('deep');
  });
});
