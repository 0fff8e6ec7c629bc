import type { Localization } from '../base/localization';
import { entriesText } from './entriesText';
import { bytesText, durationText, grouped } from './figures';
import { damageWords, type DamagedSnapshot } from './newsOfDamage';
import type { Figure, Outline, Section } from './outline';
import { mostListed, sectionOf } from './section';

/** What a verification found of one snapshot. */
export interface CheckedSnapshot extends DamagedSnapshot {
  readonly status: 'whole' | 'damaged';
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly damaged: readonly (DamagedSnapshot['damaged'][number] & {
    readonly repaired: boolean;
  })[];
}

/** One verification of a server, as a document tells of it. */
export interface Proof {
  readonly server: string;
  readonly endpoint: string;
  /** As people write a moment. */
  readonly finished: string;
  readonly seconds: number;
  /** Whether what was damaged was to be mended. */
  readonly repair: boolean;
  /** Whether it was ended before everything was looked at. */
  readonly cancelled: boolean;
  readonly snapshots: readonly CheckedSnapshot[];
}

/** What a verification came to: the damage of each snapshot, and all that was looked at. */
export function proofOutline(
  proof: Proof,
  dateOf: (snapshot: string) => string,
  l10n: Localization,
): Outline {
  return {
    title: proof.repair
      ? l10n.t('Repair of {0}', proof.server)
      : l10n.t('Verification of {0}', proof.server),
    verdict: verdictOf(proof, l10n),
    figures: figuresOf(proof, l10n),
    sections: [
      ...damagedIn(proof).map((snapshot) => damageOf(snapshot, dateOf, l10n)),
      lookedAt(proof, dateOf, l10n),
    ],
  };
}

/** The snapshots in which anything was wrong, in the order of the sections of the outline. */
export function damagedIn({ snapshots }: Proof): readonly CheckedSnapshot[] {
  return snapshots.filter(({ damagedCount }) => damagedCount > 0);
}

/** How many entries are damaged still, and how many were mended. */
export function damageCounts({ snapshots }: Pick<Proof, 'snapshots'>): {
  readonly left: number;
  readonly mended: number;
} {
  const mended = sum(snapshots.map(({ damaged }) => damaged.filter((one) => one.repaired).length));
  return { left: sum(snapshots.map(({ damagedCount }) => damagedCount)) - mended, mended };
}

function verdictOf(proof: Proof, l10n: Localization): string {
  const { left, mended } = damageCounts(proof);
  const ended = proof.cancelled
    ? [l10n.t('It was cancelled before everything was looked at.')]
    : [];
  return [...ended, damageVerdict(proof, left, mended, l10n)].join(' ');
}

function damageVerdict(proof: Proof, left: number, mended: number, l10n: Localization): string {
  if (left === 0) {
    return mended > 0
      ? l10n.t('Whole again: all that was damaged is mended.')
      : l10n.t('Whole: all that was looked at is what was backed up.');
  }
  if (!proof.repair) {
    return l10n.t(
      'Damaged, and not what was backed up: {0}. Repair puts back what the other snapshots or the server still have. If damage comes back, the disk is failing: move the backups to another one.',
      entriesText(left, l10n),
    );
  }
  return l10n.t(
    'Still damaged: {0}. Beside each stands why it could not be mended. Back up anew, so that there is a whole snapshot of what the server has now. If damage comes back, the disk is failing: move the backups to another one.',
    entriesText(left, l10n),
  );
}

function figuresOf(proof: Proof, l10n: Localization): Figure[] {
  const { left, mended } = damageCounts(proof);
  const files = sum(proof.snapshots.map(({ checkedFiles }) => checkedFiles));
  const bytes = sum(proof.snapshots.map(({ checkedBytes }) => checkedBytes));
  const rows: [string, string, Figure['form']?][] = [
    [l10n.t('Server'), proof.endpoint, 'code'],
    [l10n.t('Finished'), proof.finished],
    [l10n.t('Duration'), durationText(proof.seconds)],
    [l10n.t('Snapshots'), grouped(proof.snapshots.length)],
    [l10n.t('Files'), grouped(files)],
    [l10n.t('Read'), bytesText(bytes)],
    ...(mended > 0 ? [[l10n.t('Mended'), grouped(mended)] as [string, string]] : []),
    [l10n.t('Damaged'), grouped(left)],
  ];
  return rows.map(([name, value, form = 'text']) => ({ name, value, form }));
}

function damageOf(
  { snapshot, damaged, damagedCount }: CheckedSnapshot,
  dateOf: (snapshot: string) => string,
  l10n: Localization,
): Section {
  const words = damageWords(l10n);
  const lines = damaged.slice(0, mostListed).map(({ path, kind, message, repaired }) => ({
    path,
    ...(repaired && { mark: l10n.t('mended') }),
    text: message === undefined || repaired ? words[kind] : `${words[kind]}. ${message}`,
  }));
  const title = l10n.t('Snapshot {0}', dateOf(snapshot));
  const { more: _log, ...section } = sectionOf(title, lines, damagedCount, l10n);
  const left = damagedCount - lines.length;
  return { ...section, ...(left > 0 && { more: l10n.t('… and {0} more.', grouped(left)) }) };
}

function lookedAt(
  { snapshots }: Proof,
  dateOf: (snapshot: string) => string,
  l10n: Localization,
): Section {
  const lines = snapshots.map(({ snapshot, status, checkedFiles, checkedBytes }) => ({
    path: dateOf(snapshot),
    text: l10n.t(
      '{0}: {1}, {2} read',
      status === 'whole' ? l10n.t('whole') : l10n.t('damaged'),
      checkedFiles === 1 ? l10n.t('1 file') : l10n.t('{0} files', grouped(checkedFiles)),
      bytesText(checkedBytes),
    ),
  }));
  const introduction = l10n.t('A file that several snapshots share is read once.');
  return { title: l10n.t('What Was Looked At'), introduction, lines };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
