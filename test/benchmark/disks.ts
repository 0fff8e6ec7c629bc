import { existsSync, mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';

/**
 * Where copies are put. In memory the network and the program are measured; on a worn disk, from which much
 * was deleted lately, ext4 passes over the inodes one by one, so that creating a file costs many times as
 * much (0.3 to 0.8 ms measured): the usual case where old snapshots are thinned out.
 */
export type DiskKind = 'memory' | 'worn';

const memory = '/dev/shm';
/** Bytes for a gigabyte of data and a copy of each tool. */
const needed = 8e9;
const wornBy = 100_000;

/** A folder of its own, so that two benchmarks at once do not remove each other's data. */
export function openFolder(kind: DiskKind): string {
  if (kind === 'memory' && hasMemory()) return mkdtempSync(`${memory}/sauvegarde-benchmark-`);
  const folder = mkdtempSync('/var/tmp/sauvegarde-benchmark-');
  if (kind === 'worn') wear(`${folder}/worn`);
  return folder;
}

function hasMemory(): boolean {
  if (!existsSync(memory)) return false;
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= needed;
}

/** Creates and deletes a tree of a hundred thousand files. */
function wear(folder: string): void {
  for (let file = 0; file < wornBy; file += 1) {
    const place = `${folder}/${Math.floor(file / 100)}`;
    if (file % 100 === 0) mkdirSync(place, { recursive: true });
    writeFileSync(`${place}/${file}`, 'worn');
  }
  rmSync(folder, { recursive: true });
}
