import type { Localization } from '../base/localization';
import { endpointOf, type Server } from '../model/configuration/server';
import type { SnapshotId } from '../model/snapshotId';
import { grouped } from './figures';
import type { News } from './news';
import type { Section } from './outline';
import { mostListed, sectionOf } from './section';
import { oneLine } from './shownText';

/** What a verification found wrong with a snapshot, and could not mend. */
export interface DamagedSnapshot {
  readonly snapshot: SnapshotId;
  readonly damaged: readonly {
    readonly path: string;
    readonly kind: 'missing' | 'changed' | 'extra' | 'manifest';
    readonly message?: string;
  }[];
  /** `damaged` may not name all. */
  readonly damagedCount: number;
}

/** Snapshots are damaged: told like a run that failed. */
export function newsOfDamage(
  server: Server,
  snapshots: readonly DamagedSnapshot[],
  l10n: Localization,
): News {
  const { name } = server;
  const endpoint = endpointOf(server);
  const count = snapshots.reduce((sum, { damagedCount }) => sum + damagedCount, 0);
  const subject = oneLine(
    count === 1
      ? l10n.t('Backup damaged: {0}, 1 entry in {1}', name, snapshots[0]?.snapshot ?? '')
      : l10n.t('Backup damaged: {0}, {1} entries', name, grouped(count)),
  );
  const posted = snapshots.map(({ damaged, ...rest }) => ({
    ...rest,
    damaged: damaged.slice(0, mostListed),
  }));
  return {
    isFailure: true,
    subject,
    outline: {
      title: l10n.t('Snapshots of {0} are damaged', name),
      verdict: l10n.t(
        'What lies on the disk is not what was backed up. Mend what can be mended: in VS Code “Repair…” on the server, in a terminal: sauvegarde verify {0} --all --repair. If it comes back, the disk is failing.',
        name,
      ),
      figures: [
        { name: l10n.t('Server'), value: endpoint, form: 'code' },
        { name: l10n.t('Damaged'), value: grouped(count), form: 'text' },
      ],
      sections: snapshots.map((snapshot) => section(snapshot, l10n)),
    },
    body: {
      event: 'damaged',
      text: subject,
      server: name,
      endpoint,
      damagedCount: count,
      snapshots: posted,
    },
  };
}

function section(
  { snapshot, damaged, damagedCount }: DamagedSnapshot,
  l10n: Localization,
): Section {
  const words = damageWords(l10n);
  const lines = damaged.slice(0, mostListed).map(({ path, kind, message }) => ({
    path,
    kind,
    text: message === undefined ? words[kind] : `${words[kind]}. ${message}`,
  }));
  return sectionOf(l10n.t('Snapshot {0}', snapshot), lines, damagedCount, l10n);
}

/** What is wrong with an entry. */
export function damageWords(
  l10n: Localization,
): Readonly<Record<DamagedSnapshot['damaged'][number]['kind'], string>> {
  return {
    missing: l10n.t('missing'),
    changed: l10n.t('not the content that was backed up'),
    extra: l10n.t('does not belong to the snapshot'),
    manifest: l10n.t('the manifest of the snapshot is damaged'),
  };
}
