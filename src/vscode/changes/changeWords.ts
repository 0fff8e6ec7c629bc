import { l10n } from 'vscode';
import {
  differenceKinds,
  type DifferenceCounts,
  type DifferenceKind,
} from '../../model/difference';
import { bytesText, grouped } from '../../report/figures';
import { absolute, printable, rootPath } from '../../model/remotePath';
import { dateText } from '../words';
import { liveServer, type ChangeRow, type ChangeSide, type Comparison } from './changes';

export function kindWords(kind: DifferenceKind): string {
  const words: Readonly<Record<DifferenceKind, string>> = {
    added: l10n.t('added'),
    changed: l10n.t('changed'),
    removed: l10n.t('removed'),
    moved: l10n.t('moved'),
    metadata: l10n.t('time or mode'),
    unknown: l10n.t('unknown'),
  };
  return words[kind];
}

/** `3 added, 1 changed` */
export function countsWords(counts: DifferenceCounts): string {
  const words: Readonly<Record<DifferenceKind, (count: string) => string>> = {
    added: (count) => l10n.t('{0} added', count),
    changed: (count) => l10n.t('{0} changed', count),
    removed: (count) => l10n.t('{0} removed', count),
    moved: (count) => l10n.t('{0} moved', count),
    metadata: (count) => l10n.t('{0} only time or mode', count),
    unknown: (count) => l10n.t('{0} unknown', count),
  };
  const found = differenceKinds.filter((kind) => counts[kind] > 0);
  return found.map((kind) => words[kind](grouped(counts[kind]))).join(', ');
}

const signs: Readonly<Record<DifferenceKind, string>> = {
  ...{ added: '+', changed: '~', removed: '−' },
  ...{ moved: '→', metadata: '≈', unknown: '?' },
};

/** `+3 ~1`, as the rows of snapshots have it: what matters fits into a narrow view. */
export function countsText(counts: DifferenceCounts): string {
  const found = differenceKinds.filter((kind) => counts[kind] > 0);
  return found.map((kind) => `${signs[kind]}${grouped(counts[kind])}`).join(' ');
}

/** What of an entry is other than before: `1.2 kB → 1.4 kB`, `from /old.txt`. */
export function detailText({ kind, from, message, before, after }: ChangeRow): string {
  if (kind === 'moved') return l10n.t('from {0}', absolute(from ?? rootPath));
  if (kind === 'metadata') return l10n.t('only time or mode');
  if (kind === 'unknown') {
    return message === undefined ? l10n.t('unknown') : l10n.t('unknown: {0}', message);
  }
  const [old, now] = [sideText(before), sideText(after)];
  if (old === now || old === '' || now === '') return now || old;
  return `${old} → ${now}`;
}

function sideText(side: ChangeSide | undefined): string {
  if (!side) return '';
  const { type, size, target } = side;
  if (target !== undefined) return l10n.t('link to {0}', printable(target));
  if (type === 'directory') return l10n.t('folder');
  return size === undefined ? '' : bytesText(size);
}

/** `Nov 29, 2026, 7:00 AM ↔ server` */
export function comparisonText({ before, after }: Comparison): string {
  return `${dateText(before)} ↔ ${after === liveServer ? l10n.t('server') : dateText(after)}`;
}
