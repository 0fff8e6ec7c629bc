import { overdueAt, type Overdue } from '../../model/schedule/overdue';
import type { Schedule } from '../../model/schedule/schedule';
import { writeWhole } from '../../store/description';
import { readLines } from '../../store/readLines';
import type { Store } from '../../store/store';
import { summarizeRuns } from '../history/runHistory';

/**
 * Whether a server is overdue and nobody has said so yet for the due moment that was missed. That it is
 * said now is remembered in the store, so that neither a restart nor another window says it again.
 */
export async function newlyOverdue(
  store: Store,
  schedule: Schedule,
  now: number,
): Promise<Overdue | undefined> {
  const { lastGood } = await summarizeRuns(store);
  const overdue = overdueAt(schedule, lastGood, now);
  if (!overdue || (await lastTold(store)) === overdue.due) return undefined;
  const told = { due: new Date(overdue.due).toISOString() };
  await writeWhole(store.disk, store.layout.overdue, `${JSON.stringify(told)}\n`);
  return overdue;
}

async function lastTold({ disk, layout }: Store): Promise<number | undefined> {
  if (!disk.stat(layout.overdue)) return undefined;
  for await (const { text } of readLines(disk, layout.overdue)) {
    const [due] = /\d{4}-[\dT:.-]+Z/.exec(text) ?? [];
    return due === undefined ? undefined : Date.parse(due);
  }
  return undefined;
}
