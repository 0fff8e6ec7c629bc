import { describe, expect, test } from 'vitest';

import { remotePath, rootPath } from '../../src/model/remotePath';
import { never } from '../ssh/setting';
import { failure, scriptedWorld } from './scriptedWorld';

const world = scriptedWorld();

describe('listings', () => {
  test('what lacks its attributes is asked for by its path', async () => {
    await world.open({
      names: [{ name: 'bare' }, { name: 'whole', mode: 0o40755, size: 0, mtime: 5 }],
    });
    expect(await world.sftp.list(remotePath('/a'), never)).toEqual([
      { path: 'a/bare', type: 'file', size: 7, mtime: 1000, mode: 0o644, granularity: 1 },
      { path: 'a/whole', type: 'directory', size: 0, mtime: 5, mode: 0o755, granularity: 1 },
    ]);
    expect(world.scripted.requests).toContainEqual(
      expect.objectContaining({ type: 7, subject: '/a/bare' }),
    );
  });

  test('what has gone since it was listed is left out', async () => {
    await world.open({
      names: [{ name: 'gone' }, { name: 'here', mode: 0o100600, size: 3 }],
      answer: ({ type }, reply) => {
        if (type !== 7) return false;
        world.scripted.script = { names: [{ name: 'here', mode: 0o100600, size: 3 }] };
        reply.status(2, 'gone');
        return true;
      },
    });
    expect(await world.sftp.list(rootPath, never)).toMatchObject([{ path: 'here' }]);
  });

  test('what is listed, and listed again, and said not to be there, is no such thing', async () => {
    await world.open({
      names: [{ name: 'lost' }],
      answer: ({ type }, reply) => type === 7 && (reply.status(2, 'gone'), true),
    });
    const error = await failure(world.sftp.list(rootPath, never));
    expect(error).toMatchObject({ kind: 'not-found', scope: 'entry' });
    expect(error.message).toContain('/lost');
  });

  test('a link whose target is not told is still a link', async () => {
    await world.open({
      names: [{ name: 'link', mode: 0o120777 }],
      answer: ({ type }, reply) => type === 19 && (reply.status(8, 'unsupported'), true),
    });
    const [link] = await world.sftp.list(rootPath, never);
    expect(link).toMatchObject({ path: 'link', type: 'symlink' });
    expect(link).not.toHaveProperty('target');
  });

  test('a listing that fails half-way is a failure, not a part', async () => {
    let answers = 0;
    await world.open({
      answer: ({ type }, reply) => {
        if (type !== 12 || (answers += 1) < 2) return false;
        reply.status(4, 'disk trouble');
        return true;
      },
      names: [{ name: 'a', mode: 0o100600, size: 3 }],
    });
    const error = await failure(world.sftp.list(rootPath, never));
    expect(error).toMatchObject({ kind: 'protocol', scope: 'entry' });
    expect(error.message).toContain('disk trouble');
  });

  test.each([
    ['the same names for ever', () => 'same'],
    ['new names for ever', (index: number) => `name${index}`],
  ])('%s', async (_what, nameOf) => {
    let index = 0;
    await world.open({
      answer: ({ type }, reply) => {
        if (type !== 12) return false;
        reply.names(
          Array.from({ length: 100 }, () => ({
            name: nameOf((index += 1)),
            mode: 0o100600,
            size: 1,
          })),
        );
        return true;
      },
    });
    expect(await failure(world.sftp.list(rootPath, never))).toMatchObject({ kind: 'protocol' });
  });
});
