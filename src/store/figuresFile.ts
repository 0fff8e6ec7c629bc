import { readFolders, writtenFolders, type FolderFigures } from '../model/overview/folderFigures';
import { isRunFigures, type RunFigures } from '../model/overview/runFigures';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';
import type { Disk } from './disk';
import type { Layout } from './layout';

/** Figures, and what the manifest they were taken from looked like then. */
export interface StampedRun {
  readonly run: RunFigures;
  readonly stamp: string;
}

export interface StampedFolders {
  readonly snapshot: SnapshotId;
  readonly stamp: string;
  readonly folders: FolderFigures;
}

/** What is kept so that not every run and manifest is read again. */
export interface KeptFigures {
  readonly runs: ReadonlyMap<SnapshotId, StampedRun>;
  /** Of the newest snapshot at that time. */
  readonly folders?: StampedFolders;
}

/** Bytes: some 300 for each run that is kept, and ten folders. */
const longestFile = 4 * 1024 * 1024;

const nothing: KeptFigures = { runs: new Map() };

/**
 * What a manifest is recognized by: a figure that was taken from one that looked otherwise is not believed.
 * Empty if there is none.
 */
export function stampOf(disk: Disk, layout: Layout, id: SnapshotId): string {
  const found = disk.stat(layout.manifest(id));
  return found ? `${found.size} ${found.inode.number} ${found.inode.mtime}` : '';
}

/**
 * `.sauvegarde/figures.json`: figures of runs and snapshots. All of it can be found again in the reports and
 * manifests, so whatever cannot be understood is left out.
 */
export function readFigures(disk: Disk, layout: Layout): KeptFigures {
  if (disk.stat(layout.figures)?.type !== 'file') return nothing;
  const content = disk.readWhole(layout.figures, longestFile);
  const value = content && parse(content.toString('utf8'));
  if (typeof value !== 'object' || value === null) return nothing;
  const { format, runs, folders } = value as Record<string, unknown>;
  if (format !== 1 || !Array.isArray(runs)) return nothing;
  const found = runs.flatMap((one: unknown) => stampedRun(one) ?? []);
  const newest = stampedFolders(folders);
  return {
    runs: new Map(found.map((one) => [one.run.id, one])),
    ...(newest && { folders: newest }),
  };
}

/** It need not outlast a power cut: what is lost is found again. */
export async function writeFigures(disk: Disk, layout: Layout, kept: KeptFigures): Promise<void> {
  const { folders } = kept;
  const text = JSON.stringify({
    format: 1,
    runs: [...kept.runs.values()].map(({ run, stamp }) => ({ ...run, stamp })),
    folders: folders && { ...folders, folders: writtenFolders(folders.folders) },
  });
  const temporary = `${layout.figures}.new`;
  await disk.remove(temporary);
  const file = await disk.openFile(temporary, 0o644);
  try {
    await file.write([Buffer.from(text, 'utf8')], 0);
  } finally {
    await file.close();
  }
  await disk.rename(temporary, layout.figures);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function stampedRun(value: unknown): StampedRun | undefined {
  if (!isRunFigures(value) || !isSnapshotId(value.id)) return undefined;
  const { stamp, ...run } = value as RunFigures & { readonly stamp?: unknown };
  return typeof stamp === 'string' ? { run, stamp } : undefined;
}

function stampedFolders(value: unknown): StampedFolders | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { snapshot, stamp, folders } = value as Record<string, unknown>;
  const found = readFolders(folders);
  if (typeof snapshot !== 'string' || !isSnapshotId(snapshot)) return undefined;
  return found && typeof stamp === 'string' ? { snapshot, stamp, folders: found } : undefined;
}
