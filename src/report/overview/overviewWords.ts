import type { Localization } from '../../base/localization';
import type { Day, DayState } from '../../model/overview/calendar';
import type { CopyOverview, ServerOverview, StandingState } from '../../model/overview/overview';
import type { RunFigures } from '../../model/overview/runFigures';
import { grouped } from '../figures';
import { lossText } from '../lossText';
import type { Frame } from './frame';
import type { Moments } from './moments';

/** How a server stands, in a word. */
export function standingWord(state: StandingState, l10n: Localization): string {
  const words: Readonly<Record<StandingState, string>> = {
    unreadable: l10n.t('unreadable'),
    failed: l10n.t('failed'),
    overdue: l10n.t('overdue'),
    suspicious: l10n.t('suspicious'),
    damaged: l10n.t('damaged'),
    incomplete: l10n.t('incomplete'),
    never: l10n.t('never backed up'),
    good: l10n.t('good'),
  };
  return words[state];
}

/** Why it stands so, where there is more to say; else empty. */
export function standingReason(
  { standing }: ServerOverview,
  moments: Moments,
  l10n: Localization,
): string {
  switch (standing.state) {
    case 'unreadable':
    case 'failed':
      return standing.reason;
    case 'overdue':
      return l10n.t('It was due on {0}.', moments.moment(standing.due));
    case 'suspicious':
      return lossText(standing.loss, l10n);
    case 'damaged':
      return standing.entries === 1
        ? l10n.t('1 entry of its snapshots is damaged.')
        : l10n.t('{0} entries of its snapshots are damaged.', grouped(standing.entries));
    default:
      return '';
  }
}

/** How a day came out, in a word. */
export function dayWord(state: DayState, l10n: Localization): string {
  const words: Readonly<Record<DayState, string>> = {
    good: l10n.t('good'),
    incomplete: l10n.t('incomplete'),
    failed: l10n.t('failed'),
    missed: l10n.t('missed'),
    none: l10n.t('no run'),
  };
  return words[state];
}

/** The same with what else there is to say of the day: `good, 3 runs, 1 of them failed`. */
export function dayText({ state, runs, failed }: Day, l10n: Localization): string {
  const parts = [dayWord(state, l10n)];
  if (runs > 1) parts.push(l10n.t('{0} runs', grouped(runs)));
  if (runs > 1 && failed > 0 && failed < runs) {
    parts.push(l10n.t('{0} of them failed', grouped(failed)));
  }
  return parts.join(', ');
}

/** How a run came out, in a word. */
export function runWord({ status }: RunFigures, l10n: Localization): string {
  const words: Readonly<Record<RunFigures['status'], string>> = {
    complete: l10n.t('complete'),
    incomplete: l10n.t('incomplete'),
    failed: l10n.t('failed'),
    cancelled: l10n.t('cancelled'),
  };
  return words[status];
}

/** `12 added, 3 changed, 1 removed` */
export function changesText({ changes }: RunFigures, l10n: Localization): string {
  if (!changes) return '';
  return l10n.t(
    '{0} added, {1} changed, {2} removed',
    grouped(changes.added),
    grouped(changes.changed),
    grouped(changes.removed),
  );
}

/** How an off-site copy stands. */
export function copyText(
  { copied, proven, trouble }: CopyOverview,
  { l10n, moments }: Pick<Frame, 'l10n' | 'moments'>,
): string {
  return [
    copied === undefined ? l10n.t('none yet') : moments.moment(copied),
    proven === undefined
      ? l10n.t('not proven yet')
      : l10n.t('last proven {0}', moments.moment(proven)),
    ...(trouble === undefined ? [] : [l10n.t('in trouble: {0}', trouble)]),
  ].join('; ');
}
