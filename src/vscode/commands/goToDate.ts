import { l10n, QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { dayOf, daysWithSeveral } from '../../model/snapshotDays';
import { snapshotTime, type SnapshotId } from '../../model/snapshotId';
import { typedDay } from '../../model/typedDate';
import type { Store } from '../../store/store';
import { dayText, monthText } from '../days';
import { serverOf, type AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { quoted } from '../snapshotItem';
import { serverFor } from '../targets';

interface DateItem extends QuickPickItem {
  readonly id?: SnapshotId;
}

/** *Go to Date…*: a snapshot by its day, its note, or the last one before a day that is typed. */
export async function goToDate(parts: Parts, node?: AnyNode): Promise<void> {
  const [selected] = parts.snapshotsView.selection;
  const isMeant = selected !== undefined && serverOf(selected) !== undefined;
  const meant = node ?? (isMeant ? selected : undefined);
  const { name } = await serverFor(parts, meant, l10n.t('Go to a date of which server?'));
  const store = parts.runs.storeOf(name);
  const ids = await store.ids();
  if (ids.length === 0) {
    throw new BackupError('not-found', l10n.t('{0} has no snapshot yet.', name));
  }
  const id = await pickDate(l10n.t('Go to which snapshot of {0}?', name), ids, store);
  const row = (await parts.snapshotsTree.find(name, id)) ?? (await unhidden(parts, name, id));
  if (row) await parts.snapshotsView.reveal(row, { select: true, focus: true });
}

/** One that the filter hides is shown by showing all. */
async function unhidden(parts: Parts, server: string, id: SnapshotId) {
  await parts.filter.showAll();
  return await parts.snapshotsTree.findAnew(server, id);
}

async function pickDate(
  title: string,
  ids: readonly SnapshotId[],
  store: Store,
): Promise<SnapshotId> {
  const now = systemClock.now();
  const pick = window.createQuickPick<DateItem>();
  const items = itemsOf(ids, store, now);
  pick.title = title;
  pick.placeholder = l10n.t('A day, a word of a note, or any date such as 2026-11-23');
  pick.matchOnDescription = true;
  pick.items = items;
  pick.onDidChangeValue((text) => {
    const nearest = nearestItem(text, ids, now);
    pick.items = nearest ? [nearest, ...items] : items;
  });
  try {
    return await new Promise<SnapshotId>((resolve, reject) => {
      pick.onDidAccept(() => {
        const [item] = pick.selectedItems;
        if (item?.id !== undefined) resolve(item.id);
      });
      pick.onDidHide(() => reject(cancelled()));
      pick.show();
    });
  } finally {
    pick.dispose();
  }
}

/** From names alone: a snapshot that is not opened is not read. */
function itemsOf(ids: readonly SnapshotId[], store: Store, now: number): DateItem[] {
  const several = daysWithSeveral(ids);
  const items: DateItem[] = [];
  let month = '';
  for (const id of ids) {
    const moment = snapshotTime(id);
    const day = dayOf(moment);
    if (!day.startsWith(month) || month === '') {
      month = day.slice(0, 7);
      items.push({ label: monthText(month, now), kind: QuickPickItemKind.Separator });
    }
    const note = store.notes.of(id);
    const description = [day, ...(note === undefined ? [] : [quoted(note)])].join(' · ');
    items.push({ label: dayText(moment, now, !several.has(day)), description, id });
  }
  return items;
}

/** For a day without a snapshot: the last one before it, else the first there is. */
function nearestItem(text: string, ids: readonly SnapshotId[], now: number): DateItem | undefined {
  const day = typedDay(text, now);
  if (day === undefined) return undefined;
  const before = ids.find((id) => dayOf(snapshotTime(id)) <= day);
  const id = before ?? ids.at(-1);
  if (id === undefined) return undefined;
  const moment = snapshotTime(id);
  const description =
    before === undefined
      ? l10n.t('the first one; nothing is older')
      : dayOf(moment) === day
        ? l10n.t('the last one of this day')
        : l10n.t('the last one before');
  return { label: dayText(moment, now, false), description, id, alwaysShow: true };
}
