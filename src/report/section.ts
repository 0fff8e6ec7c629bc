import type { Localization } from '../base/localization';
import type { Section } from './outline';

/** So many lines of each kind are written out; the counts are whole. */
export const mostListed = 500;

/** A section whose lines may be fewer than there are things to tell: the rest is counted. */
export function sectionOf(
  title: string,
  lines: Section['lines'],
  total: number,
  l10n: Localization,
): Section {
  const left = total - lines.length;
  return {
    title,
    lines,
    ...(left > 0 && { more: l10n.t('… and {0} more: see the log.', left) }),
  };
}
