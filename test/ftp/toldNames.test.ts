import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { silentLog } from '../../src/base/log';
import { printable, rootPath } from '../../src/model/remotePath';
import { Selection } from '../../src/model/selection';
import type { FileServer } from '../../src/sources/fileServer';
import { folderEntries } from '../../src/sources/ftp/folderEntries';
import { listFolder } from '../../src/sources/ftp/listFolder';
import { wireNamesOf } from '../../src/sources/ftp/wireNames';
import { Walk } from '../../src/sources/walk';
import { TestClock } from '../sources/testClock';
import { generatedListing, piecesOf, type GeneratedListing } from './generatedListing';
import { MemoryConnection } from './memoryConnection';
import { never } from './ftpClient';

const names = wireNamesOf('utf8');

/** A server of one folder, whose listing is all that it has to say. */
function serverOf(world: GeneratedListing): FileServer {
  const connection = new MemoryConnection(world);
  const root = { path: rootPath, wirePath: '' };
  return {
    ...{ listingWidth: 1, readingWidth: 1, receivedBytes: 0 },
    list: async (path, _signal, onUnknown) => {
      if (path !== rootPath) return [];
      const content = await listFolder(connection, root, new TestClock(), silentLog);
      return folderEntries(root, content, names, onUnknown);
    },
    stat: (path) => Promise.resolve({ path, type: 'directory', size: 0, granularity: 1 }),
    read: () => Promise.reject(new Error('Nothing is read.')),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** What a scan gives out of a listing: the paths, and all that it reports. */
async function scanned(world: GeneratedListing): Promise<{ paths: Set<string>; report: string }> {
  const paths = new Set<string>();
  const report: string[] = [];
  const selection = new Selection(['/'], [], 'record');
  for await (const one of new Walk(serverOf(world), selection, new TestClock(), never).scan()) {
    if (one.error) report.push(one.path, one.error.message);
    else paths.add(one.entry.path);
    if (one.error === undefined && one.partly) report.push(one.partly.message);
  }
  return { paths, report: report.join('\n') };
}

function isTold(name: string, { paths, report }: { paths: Set<string>; report: string }): boolean {
  if (paths.has(name) || paths.has(name.trim()) || paths.has(name.replace(/^\//, ''))) return true;
  const shown = JSON.stringify(printable(name)).slice(1, -1);
  return report.includes(printable(name)) || report.includes(shown);
}

describe('every name that a server tells', () => {
  it('is in the scan or in the report, whatever form and oddity it comes in', async () => {
    await fc.assert(
      fc.asyncProperty(generatedListing, async (world) => {
        const found = await scanned(world).catch((error: unknown) => {
          if (!(error instanceof BackupError)) throw error;
          return { paths: new Set<string>(), report: error.message };
        });
        const lost = world.told.filter(
          (name) => !isTold(name, found) && !piecesOf(name).every((piece) => isTold(piece, found)),
        );
        expect(lost).toEqual([]);
      }),
      { numRuns: 10_000 },
    );
  });
});
