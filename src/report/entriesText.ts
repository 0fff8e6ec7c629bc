import type { Localization } from '../base/localization';
import { grouped } from './figures';

/** `1 entry`, `1,204 entries`. */
export function entriesText(count: number, l10n: Localization): string {
  return count === 1 ? l10n.t('1 entry') : l10n.t('{0} entries', grouped(count));
}
