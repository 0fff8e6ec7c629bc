import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backUp } from '../../src/jobs/backUp/backUp';
import { printable } from '../../src/model/remotePath';
import { Store } from '../../src/store/store';
import { listingScript } from '../servers/listings/listingFtp';
import { ScriptedFtp } from '../servers/scriptedFtp';
import { quickDisk } from '../store/storeFixture';
import { environment, ftpServer, never } from './ftpClient';
import { generatedListing, piecesOf, type GeneratedListing } from './generatedListing';

/** What a run has kept, by name and as bytes, and all that its report says. */
interface Kept {
  readonly files: ReadonlyMap<string, string>;
  readonly report: string;
  readonly isComplete: boolean;
}

async function keptOf(world: GeneratedListing, folder: string): Promise<Kept> {
  await using ftp = await ScriptedFtp.start(listingScript(world));
  const store = new Store(folder, 'test', quickDisk);
  const server = ftpServer(ftp.port, { connections: 1 });
  const options = { server, store, environment: environment('secret'), signal: never };
  const files = new Map<string, string>();
  let message = '';
  const report = await backUp(options).catch((error: unknown) => {
    message = String(error);
    return undefined;
  });
  if (report === undefined) return { files, report: message, isComplete: false };
  for await (const entry of store.entries(report.snapshot)) {
    if (entry.skipped) continue;
    const hasContent = entry.sha256 !== undefined;
    files.set(
      entry.path,
      hasContent ? fs.readFileSync(store.place(report.snapshot, entry), 'latin1') : '',
    );
  }
  const told = report.skipped.map((one) => `${one.path} ${one.message}`).join('\n');
  return { files, report: told, isComplete: report.status === 'complete' };
}

function isKeptOrReported(name: string, { files, report }: Kept): boolean {
  if ([name, name.trim(), name.replace(/^\//, '')].some((one) => files.has(one))) return true;
  const shown = printable(name);
  const text = Buffer.from(name, 'latin1').toString('utf8');
  return [shown, JSON.stringify(shown).slice(1, -1), text].some((one) => report.includes(one));
}

describe('a run from a server that lists in all manner of ways', () => {
  it('has every name that was told in its snapshot or in its report, whole, and never calls a part complete', async () => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-told-'));
    let number = 0;
    try {
      await fc.assert(
        fc.asyncProperty(generatedListing, async (world) => {
          const kept = await keptOf(world, path.join(folder, String((number += 1))));
          const lost = world.told.filter(
            (name) =>
              !isKeptOrReported(name, kept) &&
              !piecesOf(name).every((piece) => isKeptOrReported(piece, kept)),
          );
          expect(lost).toEqual([]);
          for (const [name, content] of kept.files) {
            const there = world.files[name];
            if (there !== undefined) expect(content).toBe(there);
          }
          if (kept.isComplete) {
            const all = world.told.map((name) => name.replace(/^\//, ''));
            for (const name of all)
              expect(kept.files.has(name) || kept.files.has(name.trim())).toBe(true);
          }
        }),
        { numRuns: 200 },
      );
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });
});
