import type { Localization } from '../base/localization';
import type { Section } from './outline';
import type { ReportedCopy } from './runReport';

/** How the off-site copies stood when the run ended. */
export function copiesSection(copies: readonly ReportedCopy[], l10n: Localization): Section[] {
  if (copies.length === 0) return [];
  const lines = copies.map((copy) => ({ path: copy.name, text: stateOf(copy, l10n) }));
  return [{ title: l10n.t('Off-site copies before this run'), lines }];
}

function stateOf({ copied, proven, failed, doubtful }: ReportedCopy, l10n: Localization): string {
  return [
    copied
      ? l10n.t('the newest is {0}', copied.snapshot)
      : l10n.t('nothing is in the repository yet'),
    ...(proven ? [l10n.t('last proven {0}', day(proven.time))] : []),
    ...(doubtful ? [l10n.t('NOT RIGHT since {0}: {1}', day(doubtful.time), doubtful.message)] : []),
    ...(failed ? [l10n.t('failed {0}: {1}', day(failed.time), failed.message)] : []),
  ].join('; ');
}

/** `2026-11-23` */
function day(iso: string): string {
  return iso.slice(0, 10);
}
