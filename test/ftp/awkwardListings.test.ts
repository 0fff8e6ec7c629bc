import { describe, expect, it } from 'vitest';
import { rootPath } from '../../src/model/remotePath';
import type { Unknown } from '../../src/sources/fileServer';
import * as awkward from '../servers/listings/awkwardServers';
import { listingScript } from '../servers/listings/listingFtp';
import { oldSystems } from '../servers/listings/rareLines';
import { contentOf, errorOf, never } from './ftpClient';
import { withServer } from './scripted';

const kinds = Object.entries(awkward).map(([kind, cases]) => [kind, cases] as const);

describe.each(kinds)('awkward listings: %s', (_kind, cases) => {
  it.each(cases.map((one) => [one.what, one] as const))('%s', (_what, one) =>
    withServer(listingScript(one), async (server) => {
      const unknown: Unknown[] = [];
      const entries = await server.list(rootPath, never, (found) => void unknown.push(found));
      const shown = entries.map(({ path, type, size }) => {
        if (type === 'directory') return `${path}/`;
        return size === undefined ? `${path}?` : path;
      });
      expect(shown).toEqual(one.entries);
      const expected = (one.unknown ?? []).map(([path, message]) => ({
        ...(path !== '/' && { path }),
        error: { message: expect.stringContaining(message) as string },
      }));
      expect(unknown).toMatchObject(expected);
      expect(unknown).toHaveLength(expected.length);
      for (const entry of entries) {
        if (entry.type !== 'file' || entry.path.includes('\n')) continue;
        expect((await contentOf(server, entry)).content.toString()).toBe(one.files[entry.path]);
      }
    }),
  );
});

describe('old systems', () => {
  it.each(oldSystems.map((one) => [one.what, one] as const))('%s', (_what, { lines }) =>
    withServer(
      listingScript({ files: {}, list: (command) => (command === 'NLST' ? undefined : lines) }),
      async (server) => {
        const error = await errorOf(server.list(rootPath, never, () => undefined));
        expect(error).toMatchObject({ kind: 'protocol', scope: 'entry' });
        expect(error.message).toContain(JSON.stringify(lines[0]).slice(1, -1));
      },
    ),
  );
});

describe('a server that lists well', () => {
  const good = {
    files: { a: 'twelve bytes', 'b/c': 'twelve bytes', 'd/': '' },
    list: (_command: string, folder: string) => {
      const file = (name: string): string => `-rw-r--r-- 1 o g 12 Aug  4 07:24 ${name}`;
      const sub = (name: string): string => `drwxr-xr-x 2 o g 4096 Aug  4 07:24 ${name}`;
      const dots = [sub('.'), sub('..')];
      if (folder === 'b') return [...dots, file('c')];
      return folder === 'd' ? dots : ['total 8', ...dots, file('a'), sub('b'), sub('d')];
    },
  };

  it('is asked for nothing more than before', () =>
    withServer(
      listingScript(good),
      async (server, ftp) => {
        for (const entry of await server.list(rootPath, never)) {
          if (entry.type === 'directory') await server.list(entry.path, never);
        }
        const asked = ftp.commands.slice(ftp.commands.indexOf('EPSV'));
        expect(asked.filter((command) => command !== 'EPSV' && command !== 'PWD')).toEqual([
          ...['CWD /', 'LIST -a', 'MDTM /a'],
          ...['CWD /b', 'LIST -a', 'MDTM /b/c'],
          ...['CWD /d', 'LIST -a'],
        ]);
      },
      { connections: 1 },
    ));

  it('without lines for the folder itself is asked twice only until the option has shown something', () => {
    const list = (command: string, folder: string): string[] => {
      const lines = good.list(command, folder).filter((line) => !/ \.\.?$/.test(line));
      return folder === 'd' ? [] : lines;
    };
    return withServer(
      listingScript({ ...good, list }),
      async (server, ftp) => {
        await server.list(rootPath, never);
        for (const name of ['d', 'd', 'd']) {
          expect(await server.list(name as typeof rootPath, never)).toEqual([]);
        }
        expect(ftp.commands.filter((command) => command === 'LIST')).toEqual([]);
        expect(ftp.commands.filter((command) => command === 'LIST -a')).toHaveLength(4);
      },
      { connections: 1 },
    );
  });

  it('that takes the option for a name is sent it once', () =>
    withServer(
      listingScript({
        ...good,
        list: (command, folder) => (command === 'LIST -a' ? [] : good.list(command, folder)),
      }),
      async (server, ftp) => {
        for (const folder of ['', 'b', 'd', 'b']) {
          await server.list(folder as typeof rootPath, never);
        }
        expect(ftp.commands.filter((command) => command === 'LIST -a')).toHaveLength(1);
        expect(ftp.commands.filter((command) => command === 'LIST')).toHaveLength(4);
      },
      { connections: 1 },
    ));
});
