import { BugError } from '../base/errors';
import type { ManifestEntry, ManifestHeader, ManifestTotals, NameDecoder } from '../model/manifest';
import { rootPath } from '../model/remotePath';
import type { DiskPath, InodeRecord } from './disk';
import { countEntry, noEntries, type EntryCounts } from './entryCounts';
import { InodeWriter } from './inodeFile';
import { placeBelow } from './layout';
import { writeBytes } from './description';
import { ManifestWriter } from './manifestFile';
import { decodePlan, settledText } from './record';
import { sweep } from './sweep';
import type { Unfinished } from './staging';

interface Settled {
  readonly entry: ManifestEntry;
  readonly inode?: InodeRecord;
  /** Its line of the manifest, where that is written already. */
  readonly text?: string;
}

/** Every entry of the finished snapshot in folder order: the plan, with what has arrived filled in. */
async function* settledEntries(unfinished: Unfinished): AsyncGenerator<Settled, void, undefined> {
  for await (const { number, line } of unfinished.plan.follow()) {
    const record = decodePlan(line);
    if (record.state === 'settled') {
      yield { ...record, text: settledText(line) };
      continue;
    }
    const arrived = await unfinished.journal.settled(number);
    if (arrived?.state !== 'settled') {
      throw new BugError(`nothing is known of ${JSON.stringify(record.entry.path)}`);
    }
    yield arrived;
  }
}

/**
 * Writes the manifest of the unfinished snapshot, and the inode records beside it. No file in the tree
 * changes any more, so folders get their times here, and the disk writes the tree meanwhile: all of it
 * is there for good when the manifest gets its last line.
 */
export async function assemble(
  unfinished: Unfinished,
  header: ManifestHeader,
  totals: Pick<
    ManifestTotals,
    'finished' | 'fetchedFiles' | 'fetchedBytes' | 'linkedFiles' | 'receivedBytes'
  >,
  decode: NameDecoder,
  onSkipped: (entry: ManifestEntry) => void,
): Promise<ManifestTotals> {
  const { disk, layout, journal } = unfinished;
  await journal.flush();
  if (unfinished.continued) await sweep(disk, layout.partialTree, () => settledEntries(unfinished));
  const synced = disk.syncTree(layout.partialTree);
  // A failure is met below.
  synced.catch(() => undefined);
  const manifest = await ManifestWriter.create(disk, layout.inPartial('manifest'), header, decode);
  let inodes: InodeWriter | undefined;
  try {
    inodes = await InodeWriter.create(disk, layout.inPartial('inodes'));
    const counts = await writeEntries(unfinished, manifest, inodes, onSkipped);
    await inodes.finish();
    await synced;
    const status = counts.skipped > 0 ? 'incomplete' : 'complete';
    const { finished, ...transfer } = totals;
    const whole = await manifest.finish({ finished, status, ...counts, ...transfer });
    await writeBytes(disk, layout.inPartial('parity'), manifest.parity());
    return whole;
  } catch (error) {
    await manifest.abandon().catch(() => undefined);
    await inodes?.abandon().catch(() => undefined);
    await synced.catch(() => undefined);
    throw error;
  }
}

async function writeEntries(
  unfinished: Unfinished,
  manifest: ManifestWriter,
  inodes: InodeWriter,
  onSkipped: (entry: ManifestEntry) => void,
): Promise<EntryCounts> {
  const { disk, layout } = unfinished;
  const counts = noEntries();
  if (unfinished.rootFault) {
    counts.skipped += 1;
    onSkipped({ path: rootPath, type: 'directory', skipped: unfinished.rootFault });
  }
  for await (const { entry, inode, text } of settledEntries(unfinished)) {
    countEntry(counts, entry);
    if (entry.skipped) onSkipped(entry);
    if (entry.type === 'directory' && entry.mtime !== undefined) {
      const place: DiskPath = placeBelow(layout.partialTree, entry.local ?? entry.path);
      disk.setAttributes(place, { mtime: entry.mtime });
    }
    if (text === undefined) await manifest.append(entry);
    else await manifest.appendLine(text);
    await inodes.append(inode);
  }
  return counts;
}
