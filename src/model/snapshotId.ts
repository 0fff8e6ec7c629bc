/** The id of a snapshot: its start in UTC, fit for a folder's name. `2026-11-23T07-00-00Z`. */
export type SnapshotId = string;

const pattern = /^\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}Z$/;

/** @param milliseconds since 1970 */
export function snapshotIdAt(milliseconds: number): SnapshotId {
  return `${new Date(milliseconds).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
}

/** When the snapshot was begun, in milliseconds since 1970. */
export function snapshotTime(id: SnapshotId): number {
  const [date, time = ''] = id.split('T');
  return Date.parse(`${date ?? ''}T${time.replaceAll('-', ':')}`);
}

export function isSnapshotId(text: string): boolean {
  return pattern.test(text);
}

/**
 * The snapshot that a person means: an id, a unique prefix of one, `latest`, or `latest~N`.
 * @param ids newest first
 * @param backups those that `latest` may mean, newest first
 */
export function resolveSnapshot(
  wanted: string,
  ids: readonly SnapshotId[],
  backups = ids,
): { readonly id: SnapshotId } | { readonly fault: string } {
  const back = /^latest(?:~(\d{1,9}))?$/.exec(wanted);
  if (back) {
    const id = backups[Number(back[1] ?? 0)];
    if (id !== undefined) return { id };
    return { fault: `there are ${backups.length} snapshots, so "${wanted}" is none of them` };
  }
  const matching = ids.filter((id) => id.startsWith(wanted));
  const exact =
    matching.find((id) => id === wanted) ?? (matching.length === 1 ? matching[0] : undefined);
  if (exact !== undefined && wanted !== '') return { id: exact };
  if (matching.length > 1) return { fault: `"${wanted}" fits ${matching.length} snapshots` };
  return { fault: `no snapshot is called "${wanted}"` };
}
