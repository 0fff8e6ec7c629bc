import type { Server } from '../../model/configuration/server';
import { isRereadDue } from '../../model/reread';
import { writeWhole } from '../../store/description';
import { readLines } from '../../store/readLines';
import type { Store } from '../../store/store';

/**
 * Whether a run is to compare all content, going by the server's `reread` and by when the last run that
 * did so began, which `.sauvegarde/reread.json` says: `{"started": ISO 8601 in UTC}`.
 * @param now milliseconds since 1970
 */
export async function isRereadWanted(
  store: Store,
  { reread }: Pick<Server, 'reread'>,
  now: number,
): Promise<boolean> {
  return reread !== undefined && isRereadDue(reread, await lastReread(store), now);
}

/** @param started when the run began, in milliseconds since 1970 */
export async function recordReread({ disk, layout }: Store, started: number): Promise<void> {
  const text = JSON.stringify({ started: new Date(started).toISOString() });
  await writeWhole(disk, layout.reread, `${text}\n`);
}

/** Undefined if it is not known: then all is compared once more than needed. */
async function lastReread({ disk, layout }: Store): Promise<number | undefined> {
  if (!disk.stat(layout.reread)) return undefined;
  for await (const { text } of readLines(disk, layout.reread)) {
    const started = startedIn(text);
    return Number.isNaN(started) ? undefined : started;
  }
  return undefined;
}

function startedIn(text: string): number {
  try {
    const value = JSON.parse(text) as { readonly started?: unknown } | null;
    return typeof value?.started === 'string' ? Date.parse(value.started) : Number.NaN;
  } catch {
    return Number.NaN;
  }
}
