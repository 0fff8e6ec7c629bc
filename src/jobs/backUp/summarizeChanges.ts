import { messageOf } from '../../base/errors';
import type { Log } from '../../base/log';
import { changesBetween, type Change } from '../../model/changes';
import { FolderSurvey, writtenFolders } from '../../model/overview/folderFigures';
import { hasSameTime } from '../../model/racyClean';
import { absolute } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { ChangeSummary } from '../../report/runReport';
import type { Store } from '../../store/store';

/** So many paths of each kind are named in a report; the counts are always whole. */
const mostNamed = 1000;

/** Two manifests need not be compared to know that nothing changed. */
export function noChanges(former: SnapshotId): ChangeSummary {
  return { comparedWith: former, added: 0, changed: 0, removed: 0, paths: [] };
}

/** How a new snapshot differs from the one before: it is there, whatever can be said of its changes. */
export async function changesIfKnown(
  store: Store,
  former: SnapshotId,
  id: SnapshotId,
  log: Log,
): Promise<{ changes?: ChangeSummary }> {
  try {
    return { changes: await summarizeChanges(store, former, id) };
  } catch (error) {
    log.warn(`The changes since ${former} could not be found: ${messageOf(error)}`);
    return {};
  }
}

/** How one snapshot differs from an earlier one. */
async function summarizeChanges(
  store: Store,
  from: SnapshotId,
  to: SnapshotId,
): Promise<ChangeSummary> {
  const counts = { added: 0, changed: 0, removed: 0 };
  const paths: { kind: keyof typeof counts; path: string }[] = [];
  const silent = { count: 0, paths: [] as string[] };
  const survey = new FolderSurvey();
  const after = survey.watching(store.entries(to));
  for await (const change of changesBetween(store.entries(from), after)) {
    survey.take(change);
    counts[change.kind] += 1;
    if (counts[change.kind] <= mostNamed) {
      paths.push({ kind: change.kind, path: absolute(change.path) });
    }
    if (!isWithoutNewTime(change)) continue;
    silent.count += 1;
    if (silent.count <= mostNamed) silent.paths.push(absolute(change.path));
  }
  const more = silent.count > 0 ? { withoutNewTime: silent } : {};
  const folders = writtenFolders(survey.finish());
  return { comparedWith: from, ...counts, paths, ...more, folders };
}

/** Going by size and time, nobody would have noticed. */
function isWithoutNewTime({ before, after }: Change): boolean {
  if (before?.sha256 === undefined || after?.sha256 === undefined) return false;
  return before.size === after.size && hasSameTime(before, after);
}
