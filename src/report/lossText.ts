import type { Localization } from '../base/localization';
import type { Loss } from '../model/retention/suspicion';
import { grouped } from './figures';

/** `900 of 1,000 files are gone`. */
export function lossText({ reason, lost, of, folder = '' }: Loss, l10n: Localization): string {
  switch (reason) {
    case 'files-lost':
      return l10n.t('{0} of {1} files are gone', grouped(lost), grouped(of));
    case 'folder-lost':
      return l10n.t('nothing of {0} is left, where there were {1} files', folder, grouped(of));
    case 'noise':
      return l10n.t(
        '{0} of {1} files became noise, as encryption leaves it',
        grouped(lost),
        grouped(of),
      );
  }
}
