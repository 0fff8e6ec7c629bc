import { l10n } from 'vscode';
import { isSnapshotId } from '../../model/snapshotId';
import { dateText } from '../words';
import { spanText } from './keepChoices';

/** The reason of a decision in the person's language; one that is not known stays as it is. */
export function reasonText(reason: string): string {
  const fixed = fixedText(reason);
  if (fixed !== undefined) return fixed;
  const space = reason.indexOf(' ');
  const name = reason.slice(0, space);
  const value = reason.slice(space + 1);
  switch (name) {
    case 'last':
      return l10n.t('one of the last: number {0}', value);
    case 'hourly':
      return l10n.t('newest of the hour {0}', value);
    case 'daily':
      return l10n.t('newest of the day {0}', value);
    case 'weekly':
      return l10n.t('newest of the week {0}', value);
    case 'monthly':
      return l10n.t('newest of the month {0}', value);
    case 'yearly':
      return l10n.t('newest of the year {0}', value);
    case 'within':
      return l10n.t('not older than {0}', spanText(value));
    default:
      return aboutAnother(reason) ?? reason;
  }
}

/** All reasons in few words, for a row: `last, day, week`. */
export function shortReasons(reasons: readonly string[]): string {
  return reasons.map(shortReason).join(', ');
}

function shortReason(reason: string): string {
  const words: Readonly<Record<string, string>> = {
    last: l10n.t('last'),
    hourly: l10n.t('hour'),
    daily: l10n.t('day'),
    weekly: l10n.t('week'),
    monthly: l10n.t('month'),
    yearly: l10n.t('year'),
    'newest complete': l10n.t('newest'),
  };
  return words[reason] ?? words[reason.split(' ')[0] ?? ''] ?? reasonText(reason);
}

function fixedText(reason: string): string | undefined {
  switch (reason) {
    case 'no rule':
      return l10n.t('no rule: everything stays');
    case 'newest complete':
      return l10n.t('the newest complete one');
    case 'newest without damage':
      return l10n.t('the newest without damage');
    case 'pinned':
      return l10n.t('pinned');
    case 'pinned: before a restore':
      return l10n.t('what a restore overwrote');
    case 'dated in the future':
      return l10n.t('dated in the future');
    case 'damaged: to be looked at':
      return l10n.t('damaged: to be looked at');
    case 'no newer complete one':
      return l10n.t('there is no newer complete one');
    default:
      return undefined;
  }
}

function aboutAnother(reason: string): string | undefined {
  const id = reason.split(' ').find(isSnapshotId);
  if (id === undefined) return undefined;
  return reason.startsWith('needed by')
    ? l10n.t('the snapshot of {0} needs it', dateText(id))
    : l10n.t('nothing is removed, as the snapshot of {0} is suspicious', dateText(id));
}
