import type { ManifestEntry } from '../../model/manifest';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import type { KeySet } from '../../store/keySet';
import type { PlannedAction } from './plannedAction';

/**
 * Of a file that has the right content already, only rights and time are set: on a server that cannot
 * set times, all that an interrupted restore has written looks as if it had changed.
 * @param saved what stands on the server, in folder order
 * @param read of that, what was read a moment ago: the rest only looks as it did before
 */
export async function* withoutNeedless(
  actions: AsyncIterable<PlannedAction>,
  saved: AsyncIterable<ManifestEntry>,
  read: Pick<KeySet, 'has'>,
): AsyncGenerator<PlannedAction, void, undefined> {
  const placeOf = ({ place }: PlannedAction): string => place;
  const pathOf = ({ path }: ManifestEntry): string => path;
  for await (const { left, right } of mergeInFolderOrder(actions, saved, placeOf, pathOf)) {
    if (!left) continue;
    const isKnown = right !== undefined && read.has(right.path);
    yield isKnown && isRight(left, right) ? { ...left, how: 'attributes' } : left;
  }
}

function isRight({ action, entry, how, before }: PlannedAction, saved: ManifestEntry): boolean {
  if (action !== 'overwrite' || how !== undefined) return false;
  if (entry.type !== 'file' || before?.type !== 'file' || saved.skipped) return false;
  return saved.sha256 !== undefined && saved.sha256 === entry.sha256;
}
