import { l10n } from 'vscode';
import type { PathChange } from '../jobs/history/pathChanges';
import type { RunProgress } from '../model/progress';
import { snapshotTime, type SnapshotId } from '../model/snapshotId';
import { bytesText, durationText } from '../report/figures';
import { formatted } from './days';

/** The date of a snapshot in local time and in the person's order. */
export function dateText(id: SnapshotId): string {
  return momentText(snapshotTime(id));
}

/** A moment in local time and in the person's order. */
export function momentText(moment: number): string {
  return formatted(moment, { dateStyle: 'medium', timeStyle: 'short' });
}

export function filesText(count: number): string {
  return count === 1 ? l10n.t('1 file') : l10n.t('{0} files', count);
}

/** What became of a path in a snapshot. */
export function pathChangeText(change: PathChange): string {
  if (change === 'added') return l10n.t('new');
  return change === 'removed' ? l10n.t('gone') : l10n.t('changed');
}

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** `3 h ago`. */
export function ageText(milliseconds: number): string {
  if (milliseconds < minute) return l10n.t('just now');
  if (milliseconds < hour) return l10n.t('{0} min ago', Math.floor(milliseconds / minute));
  if (milliseconds < 2 * day) return l10n.t('{0} h ago', Math.floor(milliseconds / hour));
  return l10n.t('{0} days ago', Math.floor(milliseconds / day));
}

/** The same where there is little room, as the editor's own lists have it: `3 h`, `26 d`. */
export function ageInShort(milliseconds: number): string {
  if (milliseconds < minute) return l10n.t('now');
  if (milliseconds < hour) return l10n.t('{0} min', Math.floor(milliseconds / minute));
  if (milliseconds < 2 * day) return l10n.t('{0} h', Math.floor(milliseconds / hour));
  return l10n.t('{0} d', Math.floor(milliseconds / day));
}

/** Of a backup that found nothing. */
export function withoutFilesText(server: string): string {
  return l10n.t(
    '{0}: not a single file was backed up. Look at what is included and excluded.',
    server,
  );
}

/** `12/340 files, 4.1 MB/s, about 3 min left`: as far as it is known. */
export function progressText(progress: RunProgress, seconds: number): string {
  if (progress.phase === 'connecting') return l10n.t('connecting…');
  if (progress.phase === 'publishing') return l10n.t('finishing…');
  if (progress.scanned && progress.wantedFiles === 0) return l10n.t('nothing has changed so far');
  const { fetchedFiles, wantedFiles, fetchedBytes } = progress;
  const rate = seconds > 0 ? fetchedBytes / seconds : 0;
  const parts = [
    l10n.t('{0}/{1} files', fetchedFiles, wantedFiles),
    bytesText(fetchedBytes),
    `${bytesText(rate)}/s`,
  ];
  const left = timeLeft(progress, rate);
  if (left !== undefined) parts.push(l10n.t('about {0} left', durationText(left)));
  if (!progress.scanned) parts.push(l10n.t('still looking'));
  return parts.join(', ');
}

/** From 0 to 1, or undefined as long as it is not known how much there is. */
export function fractionOf(progress: RunProgress): number | undefined {
  if (!progress.scanned || progress.wantedBytes === 0) return undefined;
  return Math.min(1, progress.fetchedBytes / progress.wantedBytes);
}

function timeLeft(progress: RunProgress, rate: number): number | undefined {
  if (!progress.scanned || rate <= 0) return undefined;
  return Math.max(1, Math.ceil((progress.wantedBytes - progress.fetchedBytes) / rate));
}
