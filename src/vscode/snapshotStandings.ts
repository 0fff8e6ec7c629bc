import { l10n, ThemeColor, ThemeIcon } from 'vscode';
import { systemClock } from '../base/clock';
import { explainRetention } from '../jobs/retention/retention';
import type { Server } from '../model/configuration/server';
import type { SnapshotId } from '../model/snapshotId';
import { lossText } from '../report/lossText';
import type { Suspicion } from '../model/retention/suspicion';
import type { SnapshotSummary, Store } from '../store/store';
import type { Proving } from './proof/proving';
import { reasonText } from './retention/reasonText';
import type { Runs } from './runs';
import { momentText } from './words';

/** What is known of a snapshot beside what it holds. */
export interface Standing {
  /** What somebody has to look at, in few words. */
  readonly warnings: readonly string[];
  /** When it was last proven, in milliseconds since 1970. */
  readonly proven: number | undefined;
  /** For the tooltip. */
  readonly details: readonly string[];
  /** What the menu of the row goes by: `.hurt`, `.suspicious`. */
  readonly role: string;
  readonly icon: ThemeIcon;
}

/** How snapshots stand: damaged, suspicious, proven. */
export class SnapshotStandings {
  readonly #proving: Proving;
  readonly #runs: Runs;

  constructor(proving: Proving, runs: Runs) {
    this.#proving = proving;
    this.#runs = runs;
  }

  async of(server: string, store: Store, summary: SnapshotSummary): Promise<Standing> {
    const isHurt = this.#proving.isHurt(server, store, summary);
    const suspicions = this.#runs.stateOf(server)?.suspicions ?? [];
    const suspicion = suspicions.find(({ snapshot }) => snapshot === summary.id);
    const since = isHurt ? undefined : (await this.#proving.provenSince(store)).get(summary.id);
    const facts = [
      ...(isHurt ? [damaged(summary)] : []),
      ...(suspicion ? [suspicious(suspicion)] : []),
      ...(since === undefined ? [] : [proven(Date.parse(since))]),
    ];
    return {
      warnings: facts.flatMap(({ warning }) => warning ?? []),
      proven: since === undefined ? undefined : Date.parse(since),
      details: facts.map(({ detail }) => detail),
      role: facts.map((fact) => fact.role ?? '').join(''),
      icon: facts[0]?.icon ?? iconOf(summary, since !== undefined),
    };
  }
}

/** What the server keeps, and whether this one stays by it: for the tooltip of a snapshot. */
export async function whyItStays(
  server: Server,
  store: Store,
  id: SnapshotId,
  signal: AbortSignal,
): Promise<string[]> {
  const decisions = await explainRetention({ server, store, clock: systemClock, signal });
  const decision = decisions.find((one) => one.id === id);
  if (!decision) return [];
  if (!decision.keep) return [l10n.t('No rule keeps it: it goes after the next complete backup.')];
  return decision.reasons.map((reason) => l10n.t('Stays: {0}', reasonText(reason)));
}

/** One thing that is known of a snapshot; the first one decides about the icon, where it has one. */
interface Fact {
  readonly warning?: string;
  readonly detail: string;
  readonly role?: string;
  readonly icon?: ThemeIcon;
}

function damaged({ damaged: entries }: SnapshotSummary): Fact {
  return {
    warning: entries > 1 ? l10n.t('damaged: {0} entries', entries) : l10n.t('damaged'),
    detail: l10n.t('Repair it: the Problems view names what is damaged.'),
    role: '.hurt',
    icon: new ThemeIcon('error', new ThemeColor('list.errorForeground')),
  };
}

function suspicious(suspicion: Suspicion): Fact {
  return {
    warning: l10n.t('suspicious: {0}', lossText(suspicion, l10n)),
    detail: l10n.t('Nothing is thinned out until you have said that this is right.'),
    role: '.suspicious',
    icon: warningIcon(),
  };
}

function proven(since: number): Fact {
  return {
    detail: l10n.t('All of it was read and found right: {0}', momentText(since)),
  };
}

function warningIcon(): ThemeIcon {
  return new ThemeIcon('warning', new ThemeColor('list.warningForeground'));
}

function iconOf({ status, pinned }: SnapshotSummary, isProven: boolean): ThemeIcon {
  if (status === 'incomplete') return warningIcon();
  if (pinned) return new ThemeIcon('pinned');
  return isProven
    ? new ThemeIcon('verified', new ThemeColor('testing.iconPassed'))
    : new ThemeIcon('archive');
}
