import type { ErrorKind } from '../base/errors';
import type { Localization } from '../base/localization';
import { endpointOf, type Server } from '../model/configuration/server';
import type { SnapshotId } from '../model/snapshotId';
import type { News } from './news';
import type { Section } from './outline';
import { oneLine } from './shownText';

/** An off-site copy that could not be made, or of which something did not come back as it was. */
export interface CopyTrouble {
  readonly what: 'failed' | 'damaged';
  readonly copy: string;
  readonly kind?: ErrorKind;
  readonly message: string;
  /** The newest snapshot that is in the repository; absent: none that we know of. */
  readonly lastCopied?: SnapshotId;
}

/** Off-site copies in trouble: told like a run that failed. The backup itself is good. */
export function newsOfCopies(
  server: Server,
  [first, ...others]: readonly [CopyTrouble, ...CopyTrouble[]],
  l10n: Localization,
): News {
  const { name } = server;
  const endpoint = endpointOf(server);
  const all = [first, ...others];
  const names = all.map(({ copy }) => copy).join(', ');
  const isDamaged = all.some(({ what }) => what === 'damaged');
  const subject = oneLine(
    isDamaged
      ? l10n.t('Off-site copy damaged: {0} in {1}', name, names)
      : l10n.t('Off-site copy failure: {0} to {1}', name, names),
  );
  return {
    isFailure: true,
    subject,
    outline: {
      title: l10n.t('The off-site copies of {0} need a look', name),
      verdict: isDamaged
        ? l10n.t(
            'Something did not come back from the repository as it was backed up. The next copy reads everything again. Look at the repository: sauvegarde copies check {0}. What is damaged there is mended by the repair commands of restic. It stays in doubt until all of it was read and found right: sauvegarde copies check {0} --sample 100%',
            all.map(({ copy }) => copy).join(' '),
          )
        : l10n.t(
            'The backup itself is good. What is missing in the repository is caught up by the next run.',
          ),
      figures: [{ name: l10n.t('Server'), value: endpoint, form: 'code' }],
      sections: [{ title: l10n.t('Off-site copies'), lines: all.map((one) => lineOf(one, l10n)) }],
    },
    body: { event: 'copies', text: subject, server: name, endpoint, copies: all },
  };
}

function lineOf(
  { copy, message, kind, lastCopied }: CopyTrouble,
  l10n: Localization,
): Section['lines'][number] {
  const last =
    lastCopied === undefined
      ? l10n.t('Nothing is in the repository yet.')
      : l10n.t('The newest snapshot in the repository is {0}.', lastCopied);
  return { path: copy, text: `${message} ${last}`, ...(kind && { kind }) };
}
