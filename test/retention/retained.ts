import {
  applyRetention,
  type RetentionOptions,
  type RetentionResult,
} from '../../src/jobs/retention/retention';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RawServer } from '../../src/model/configuration/schema';
import type { Server } from '../../src/model/configuration/server';
import type { RunReport } from '../../src/report/runReport';
import type { Disk } from '../../src/store/disk';
import { StoreFixture, quickDisk } from '../store/storeFixture';

export const kilobyte = 1000;
export const { signal } = new AbortController();

export function withFiles(files = 5): StoreFixture {
  const fixture = new StoreFixture();
  for (let file = 0; file < files; file += 1) {
    fixture.server.file(`data/f${file}`, Buffer.alloc(kilobyte, `${file}`));
  }
  return fixture;
}

function serverWith(fixture: StoreFixture, changes: Partial<RawServer>): Server {
  const raw = { protocol: 'local', include: ['/data'], timeZone: 'UTC', ...changes };
  const text = JSON.stringify({ servers: { test: raw } });
  const server = parseConfiguration(text, fixture.workspace).configuration?.servers.get('test');
  if (!server) throw new Error('a wrong server');
  return server;
}

export function retain(
  fixture: StoreFixture,
  changes: Partial<RawServer>,
  disk: Disk = quickDisk,
): Promise<RetentionResult> {
  return applyRetention(optionsOf(fixture, changes, disk));
}

export function optionsOf(
  fixture: StoreFixture,
  changes: Partial<RawServer>,
  disk: Disk = quickDisk,
): RetentionOptions {
  const store = fixture.storeOn(disk);
  return { server: serverWith(fixture, changes), store, clock: fixture.clock, signal };
}

/** A run in which so many files are new since the last one. */
export async function runWith(fixture: StoreFixture, changed: number): Promise<RunReport> {
  for (let file = 0; file < changed; file += 1) {
    const mtime = fixture.clock.now() / 1000 - 100_000;
    fixture.server.file(`data/f${file}`, Buffer.alloc(kilobyte, `${file} ${mtime}`), { mtime });
  }
  return fixture.run();
}
