import path from 'node:path';
import { BackupError } from '../../base/errors';
import type { CopyRecord } from '../../copies/copyRepository';
import { openRepository, type RepositoryEnvironment } from '../../copies/restic/resticRepository';
import type { Copy } from '../../model/configuration/copy';
import type { Server } from '../../model/configuration/server';
import { absolute } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { digestOfFile } from '../../store/contentDigest';
import { changeCopyState, readCopyState } from '../../store/copyStates';
import { placeBelow } from '../../store/layout';
import { readManifest } from '../../store/manifestFile';
import type { Store } from '../../store/store';
import { bringBeside } from './broughtBeside';
import { lockRepository } from './repositoryLock';
import { randomFiles, type SampledFile } from './randomFiles';

export interface RehearseOptions {
  readonly server: Server;
  readonly store: Store;
  readonly copy: Copy;
  readonly environment: RepositoryEnvironment;
  readonly signal: AbortSignal;
  /** From 0 to below 1, evenly. */
  readonly random?: () => number;
}

/** What a part of a copy was found to be. */
export interface Rehearsed {
  readonly server: string;
  readonly snapshot: SnapshotId;
  readonly copy: string;
  /** Those that are right. */
  readonly files: number;
  readonly bytes: number;
  readonly status: 'whole' | 'damaged';
  /** Paths as people write them; that of the manifest if it is not right itself. */
  readonly damaged: readonly string[];
}

/**
 * Brings a random part of a random copy of a server back into a folder of its own, proves it by the
 * manifest that came with it, and removes it; what was found is written down for the reports and the
 * overview. What was in doubt before stays so, as it is another part. Throws `not-found` if nothing was copied yet, and what `CopyRepository` throws.
 */
export async function rehearse(options: RehearseOptions): Promise<Rehearsed> {
  const { server, store, copy, environment, signal, random = Math.random } = options;
  const { disk, layout } = store;
  await using _turn = await lockRepository(store, copy.name, environment.clock, signal);
  const repository = await openRepository(copy, environment, signal);
  const records = await repository.copies(server.name, signal);
  const record = records[Math.floor(random() * records.length)];
  if (!record) {
    throw new BackupError(
      'not-found',
      `The repository of "${copy.name}" has no copy of ${server.name} yet. Make one with: sauvegarde copy ${server.name}`,
      { scope: 'run' },
    );
  }
  try {
    const place = path.join(layout.rehearsal, 'beside');
    const beside = await bringBeside(store, repository, record, place, signal);
    if (!beside) return await conclude(options, record, [], [`the manifest of ${record.snapshot}`]);
    const files = await randomFiles(readManifest(disk, beside.manifest), random);
    const target = path.join(layout.rehearsal, 'files');
    await disk.remove(target);
    disk.makeFolder(target);
    const paths = files.map(({ local }) => local);
    if (files.length > 0) await repository.bring(record, { target, paths }, signal);
    const damaged: string[] = [];
    const right: SampledFile[] = [];
    for (const file of files) {
      if (await isRight(store, target, file, signal)) right.push(file);
      else damaged.push(absolute(file.entry.path));
    }
    return await conclude(options, record, right, damaged);
  } finally {
    await disk.remove(layout.rehearsal);
  }
}

async function isRight(
  { disk }: Store,
  target: string,
  { entry, local }: SampledFile,
  signal: AbortSignal,
): Promise<boolean> {
  const place = placeBelow(target, local);
  const found = disk.stat(place);
  if (found?.type !== 'file' || found.size !== entry.size) return false;
  return (await digestOfFile(disk, place, found.size, signal)).sha256 === entry.sha256;
}

async function conclude(
  { server, store, copy, environment }: RehearseOptions,
  { snapshot }: CopyRecord,
  right: readonly SampledFile[],
  damaged: readonly string[],
): Promise<Rehearsed> {
  const time = new Date(environment.clock.now()).toISOString();
  const bytes = right.reduce((sum, { entry }) => sum + (entry.size ?? 0), 0);
  const [first] = damaged;
  const count = damaged.length > 1 ? ` and ${damaged.length - 1} more` : '';
  const message = `${first ?? ''}${count} of ${snapshot} did not come back as it was`;
  const { disk, layout } = store;
  const { checked } = readCopyState(disk, layout, copy.name);
  await changeCopyState(disk, layout, copy.name, {
    rehearsed: time,
    ...(first === undefined
      ? { proven: { snapshot, time, files: right.length, bytes } }
      : { doubtful: { message, time }, checked: checked && { ...checked, right: 0 } }),
  });
  const status = first === undefined ? 'whole' : 'damaged';
  const { log } = environment;
  if (status === 'whole') log.info(`Rehearsed ${snapshot} from ${copy.name}: it is right.`);
  else log.error(`Rehearsal from ${copy.name}: ${message}.`);
  const about = { server: server.name, snapshot, copy: copy.name };
  return { ...about, files: right.length, bytes, status, damaged };
}
