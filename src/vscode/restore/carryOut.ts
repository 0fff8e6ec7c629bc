import { l10n, window } from 'vscode';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { restore } from '../../jobs/restore/restore';
import { restoreAndTell } from '../../jobs/restore/restoreAndTell';
import { RunProgress } from '../../model/progress';
import { bytesText, grouped } from '../../report/figures';
import type { RestoreReport } from '../../report/restoreReport';
import { wordsOf } from '../errorWords';
import { showUntold } from '../untold';
import { filesText, progressText } from '../words';
import type { Counts } from './plan';
import { changesText } from './planItem';
import { inTheirFolders, labelOf, type RestoreParts, type ShownPlan } from './shownPlan';
import { withProgress } from './withProgress';

/** It was carried out, wholly or as far as an error let it. */
export interface Restored {
  readonly kind: 'restored';
  readonly report: RestoreReport;
  readonly error?: string;
}

/** `kept`: the person does not want it (yet). `changed`: the target is no longer as it was shown. */
type Outcome = Restored | { readonly kind: 'kept' } | { readonly kind: 'changed' };

/** Asks, and restores what is ticked. Throws what ended it before anything was written. */
export async function carryOut(parts: RestoreParts, shown: ShownPlan): Promise<Outcome> {
  const ticked = shown.plan.totals();
  if (ticked.changes === 0) {
    void window.showInformationMessage(l10n.t('Nothing that could be restored is ticked.'));
    return { kind: 'kept' };
  }
  if (!(await mayRestore(shown, ticked))) return { kind: 'kept' };
  let report: RestoreReport | undefined;
  let unexpected = 0;
  try {
    report = await run(parts, shown, {
      onReport: (found) => (report = found),
      onPlanned: (isExpected) => (unexpected += isExpected ? 0 : 1),
      confirm: () => Promise.resolve(unexpected === 0),
    });
  } catch (error) {
    if (unexpected > 0 && error instanceof BackupError && error.kind === 'cancelled') {
      const text = l10n.t(
        '{0} changed since you looked. Nothing was written: look again.',
        labelOf(shown.to),
      );
      void window.showWarningMessage(text);
      return { kind: 'changed' };
    }
    if (!report || !hasWritten(report)) throw error;
    parts.log.error(wordsOf(error));
    return { kind: 'restored', report, error: wordsOf(error) };
  }
  return { kind: 'restored', report };
}

interface Hooks {
  readonly onReport: (report: RestoreReport) => void;
  readonly onPlanned: (isExpected: boolean) => void;
  readonly confirm: () => Promise<boolean>;
}

async function run(
  parts: RestoreParts,
  { plan, wanted, to }: ShownPlan,
  { onReport, onPlanned, confirm }: Hooks,
): Promise<RestoreReport> {
  const { server, snapshot } = wanted;
  const progress = new RunProgress();
  const started = systemClock.monotonic();
  const words = (): string => progressText(progress, (systemClock.monotonic() - started) / 1000);
  const title = l10n.t('Restoring to {0}', labelOf(to));
  const { outcome, untold } = await withProgress(title, words, (signal) =>
    restoreAndTell({
      ...inTheirFolders(parts.configuration, wanted, to),
      ...{ snapshot, progress, signal, l10n },
      ...{ paths: plan.choice, verify: true, confirm, onReport },
      onPlanned: (action) =>
        onPlanned(
          action.action === 'same' || action.action === 'impossible' || plan.expects(action),
        ),
      // Nobody is asked for the password of a mail account at the end.
      environment: parts.logins.withoutPerson(),
      run: (options) =>
        parts.logins.during(true, (environment) => restore({ ...options, environment })),
    }),
  );
  parts.serversTree.refresh();
  parts.snapshotsTree.refresh();
  showUntold(server, untold);
  if (outcome.status === 'rejected') throw outcome.reason;
  return outcome.value;
}

/** Where something would be overwritten, the button that does it is not the one that Enter presses. */
async function mayRestore({ to }: ShownPlan, ticked: Counts): Promise<boolean> {
  const { overwrite, newer, bytes, files, changes } = ticked;
  const what = files > 0 ? filesText(files) : foldersText(changes);
  const question = l10n.t('Restore {0} to {1}?', what, labelOf(to));
  const figures = [
    changesText(ticked),
    ...(newer > 0 ? [l10n.t('{0} newer there', grouped(newer))] : []),
    l10n.t('{0} to write', bytesText(bytes)),
  ].join(', ');
  const detail = overwrite > 0 ? `${figures}.\n${overwriteText('server' in to)}` : figures;
  const yes = files > 0 ? restoreFilesText(files) : restoreFoldersText(changes);
  const look = l10n.t('Look at the Plan Again');
  const answers = overwrite > 0 ? [look, yes] : [yes];
  const picked = await window.showWarningMessage(question, { modal: true, detail }, ...answers);
  return picked === yes;
}

function restoreFilesText(files: number): string {
  return files === 1 ? l10n.t('Restore 1 File') : l10n.t('Restore {0} Files', grouped(files));
}

function overwriteText(isKept: boolean): string {
  return isKept
    ? l10n.t('What is overwritten is kept first, in a snapshot of its own.')
    : l10n.t('What is overwritten in a folder of this computer is not kept.');
}

function hasWritten({ created, overwritten, safetySnapshot }: RestoreReport): boolean {
  return created + overwritten > 0 || safetySnapshot !== null;
}

function foldersText(count: number): string {
  return count === 1 ? l10n.t('1 folder') : l10n.t('{0} folders', grouped(count));
}

function restoreFoldersText(count: number): string {
  return count === 1 ? l10n.t('Restore 1 Folder') : l10n.t('Restore {0} Folders', grouped(count));
}
