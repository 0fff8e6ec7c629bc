import type { ManifestEntry } from './manifest';
import { mergeInFolderOrder } from './mergeInFolderOrder';
import type { RemotePath } from './remotePath';

export interface Change {
  readonly kind: 'added' | 'changed' | 'removed';
  readonly path: RemotePath;
  readonly before?: ManifestEntry;
  readonly after?: ManifestEntry;
}

/** What changed from one manifest to another, in folder order. */
export async function* changesBetween(
  before: AsyncIterable<ManifestEntry>,
  after: AsyncIterable<ManifestEntry>,
): AsyncGenerator<Change, void, undefined> {
  const pathOf = (entry: ManifestEntry): string => entry.path;
  for await (const { left, right } of mergeInFolderOrder(before, after, pathOf, pathOf)) {
    if (!left && right) yield { kind: 'added', path: right.path, after: right };
    else if (left && !right) yield { kind: 'removed', path: left.path, before: left };
    else if (left && right && differs(left, right)) {
      yield { kind: 'changed', path: right.path, before: left, after: right };
    }
  }
}

/** Whether the content is another one; a new time or mode alone is none. */
function differs(before: ManifestEntry, after: ManifestEntry): boolean {
  return (
    before.type !== after.type || before.sha256 !== after.sha256 || before.target !== after.target
  );
}
