import { describe, expect, it } from 'vitest';
import { contentOf, errorOf } from './ftpClient';
import { a, b, files, withServer } from './scripted';
import type { Peer, Script } from '../servers/scriptedFtp';

const unsized = ({ size: _size, ...rest }: typeof a): typeof a => rest;

/** Sends the content of `b` in a way of its own. */
function retrieve(send: (peer: Peer, content: string) => Promise<void>): Script {
  return {
    on: async (command, argument, peer) => {
      if (command !== 'RETR' || argument !== '/folder/b.txt') return false;
      await send(peer, files['folder/b.txt']);
      return true;
    },
  };
}

describe('a file without a size', () => {
  it('is read to its end, from any offset', () =>
    withServer({}, async (server) => {
      for (const offset of [0, 1, 50_000, 99_999, 100_000]) {
        const { content, grown } = await contentOf(server, unsized(b), offset);
        expect([content.length, grown]).toEqual([100_000 - offset, false]);
      }
      expect((await contentOf(server, unsized(a))).content.toString()).toBe('content of a');
    }));

  const breaks: readonly (readonly [string, (peer: Peer, content: string) => Promise<void>])[] = [
    [
      'the server says that it did not end',
      async (peer, content) => {
        const data = await peer.data();
        peer.say('150 here');
        data.end(content.slice(0, 40_000));
        peer.say('426 broken off');
      },
    ],
    [
      'the connection breaks off',
      async (peer, content) => {
        const data = await peer.data();
        peer.say('150 here');
        data.write(content.slice(0, 40_000), () => peer.drop());
      },
    ],
    [
      'the data end and nothing is said of it',
      async (peer, content) => {
        const data = await peer.data();
        peer.say('150 here');
        data.end(content.slice(0, 40_000));
      },
    ],
  ];
  it.each(breaks)('is not whole when %s', (_how, send) =>
    withServer(retrieve(send), async (server) => {
      expect((await errorOf(contentOf(server, unsized(b)))).kind).toMatch(/^(connection|timeout)$/);
    }),
  );
});
