import { inTurns } from '../../base/turns';
import type { ManifestEntry } from '../../model/manifest';
import type { SnapshotId } from '../../model/snapshotId';
import type { DiskPath } from '../../store/disk';
import type { IntactFile, Mender } from '../../store/mending';
import { isIntact, placesOfContents } from '../../store/sameContent';
import type { Store } from '../../store/store';
import type { FoundDamage } from './verified';

/** A file that lacks its content: damaged itself, or another name of one that is. */
export interface Lacking {
  readonly snapshot: SnapshotId;
  readonly entry: ManifestEntry;
  /** Undefined where it was not looked for, but is another name of a damaged file. */
  readonly damage: FoundDamage | undefined;
}

/** One content, and all the files that lack it. */
export class LostContent {
  readonly sha256: string;
  readonly files: Lacking[] = [];
  /** Inodes that are known to be damaged. */
  readonly inodes = new Set<number>();
  intact: IntactFile | undefined;

  constructor(sha256: string) {
    this.sha256 = sha256;
  }

  has(snapshot: SnapshotId, { path }: ManifestEntry): boolean {
    return this.files.some((file) => file.snapshot === snapshot && file.entry.path === path);
  }
}

/** What a snapshot has lost, by content. */
export async function lostContents(
  store: Store,
  snapshot: SnapshotId,
  damages: Iterable<FoundDamage>,
): Promise<Map<string, LostContent>> {
  const found = new Map<string, LostContent>();
  await inTurns(damages, (damage) => {
    const { entry, repaired } = damage;
    if (repaired || entry?.sha256 === undefined) return;
    let lost = found.get(entry.sha256);
    if (!lost) found.set(entry.sha256, (lost = new LostContent(entry.sha256)));
    lost.files.push({ snapshot, entry, damage });
    const stat =
      damage.kind === 'changed' ? statOf(store, store.place(snapshot, entry)) : undefined;
    if (stat) lost.inodes.add(stat.inode.number);
  });
  return found;
}

/**
 * Looks through all snapshots, in one pass over their manifests, for other names of the damaged files
 * and, if wanted, for an intact file of each content.
 */
export async function lookElsewhere(
  store: Store,
  lost: ReadonlyMap<string, LostContent>,
  seeksIntact: boolean,
  signal: AbortSignal,
): Promise<void> {
  for await (const candidate of placesOfContents(store, lost, signal)) {
    const content = lost.get(candidate.entry.sha256 ?? '');
    const stat = statOf(store, candidate.place);
    if (!content || stat?.type !== 'file') continue;
    const { snapshot, entry } = candidate;
    if (content.inodes.has(stat.inode.number)) {
      if (!content.has(snapshot, entry)) content.files.push({ snapshot, entry, damage: undefined });
    } else if (seeksIntact && !content.intact && stat.size === entry.size) {
      if (await isIntact(store, candidate, signal)) content.intact = candidate;
    }
  }
}

/** Puts the content into all files that lack it. Those that have it again are taken off the list. */
export async function mendFiles(
  mender: Mender,
  { intact, files }: LostContent,
  onMended: (file: Lacking) => void,
): Promise<void> {
  if (!intact) return;
  for (const file of [...files]) {
    if (!(await mender.put(intact, file.snapshot, file.entry))) continue;
    files.splice(files.indexOf(file), 1);
    if (file.damage) file.damage.repaired = true;
    onMended(file);
  }
}

function statOf({ disk }: Store, place: DiskPath): ReturnType<Store['disk']['stat']> {
  try {
    return disk.stat(place);
  } catch {
    return undefined;
  }
}
