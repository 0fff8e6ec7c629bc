import { commands, l10n, window } from 'vscode';
import { grouped } from '../../report/figures';
import { uriOf } from '../documentUri';
import type { Restored } from './carryOut';
import type { ShownPlan, Wanted } from './shownPlan';

/**
 * Says what a restore came to, with the report at hand. Resolves with what undoes it, if the person
 * wants that: what was overwritten is kept in a snapshot of the server that was written to.
 */
export async function tellRestored(
  { report, error }: Restored,
  { wanted, to }: ShownPlan,
): Promise<Wanted | undefined> {
  const { safetySnapshot, status, restore } = report;
  const undo = l10n.t('Undo This Restore');
  const open = l10n.t('Show Report');
  const show = status === 'complete' ? window.showInformationMessage : window.showWarningMessage;
  const server = safetySnapshot !== null && 'server' in to ? to.server : undefined;
  const picked = await show(wordsOf(report, error), ...(server ? [undo, open] : [open]));
  if (picked === open) {
    const uri = uriOf({ kind: 'restore', server: wanted.server.name, snapshot: restore });
    await commands.executeCommand('markdown.showPreview', uri);
  }
  if (picked !== undo || !server || safetySnapshot === null) return undefined;
  return { server, snapshot: safetySnapshot, paths: [] };
}

function wordsOf(report: Restored['report'], error: string | undefined): string {
  const { created, overwritten, failedCount, target, verified } = report;
  return [
    ...(error === undefined ? [] : [error]),
    created + overwritten === 1
      ? l10n.t('1 entry restored to {0}.', target)
      : l10n.t('{0} entries restored to {1}.', grouped(created + overwritten), target),
    ...(verified ? [l10n.t('All of it was read back and is right.')] : []),
    ...(failedCount > 0 ? [notRestoredText(failedCount)] : []),
  ].join(' ');
}

function notRestoredText(count: number): string {
  return count === 1
    ? l10n.t('1 was not restored.')
    : l10n.t('{0} were not restored.', grouped(count));
}
