import { commands, l10n, window, type Disposable } from 'vscode';
import { BackupError } from '../base/errors';
import * as changes from './changes/commands';
import { openAllChanges } from './changes/openAllChanges';
import { command, type CommandId } from './commandIds';
import * as backups from './commands/backups';
import { addServer, editServer } from './commands/editServers';
import * as files from './commands/files';
import { goToDate } from './commands/goToDate';
import * as narrowing from './commands/narrowing';
import * as notes from './commands/notes';
import { setSchedule } from './commands/schedules';
import * as selection from './commands/selection';
import * as servers from './commands/servers';
import * as snapshots from './commands/snapshots';
import { helpAgainst, wordsOf } from './errorWords';
import { requireTrust } from './logins';
import type { AnyNode } from './nodes';
import * as overview from './overview/commands';
import type { Parts } from './parts';
import * as proofs from './proof/commands';
import * as restores from './restore/commands';
import * as retention from './retention/commands';
import * as suspicions from './retention/suspicions';

type Action = (parts: Parts, node?: AnyNode, selected?: readonly AnyNode[]) => Promise<void> | void;

/** What looks only at this computer's disk may be done in a workspace that is not trusted. */
const harmless: ReadonlySet<CommandId> = new Set([
  command.showLog,
  command.showReport,
  command.copyPath,
  command.openConfiguration,
  command.revealInExplorer,
  command.compareWithPreviousVersion,
  command.compareWithWorkspaceFile,
  command.compareSnapshotWithPrevious,
  command.compareSnapshotWithAnother,
  command.showChange,
  command.openAllChanges,
  command.closeChanges,
  command.goToDate,
  command.filterByPath,
  command.showAllSnapshots,
  command.history,
  command.openFile,
  command.openServerRow,
  command.openSnapshotRow,
  command.lookAtSuspicion,
  command.sortByName,
  command.sortByTrouble,
  command.showOverview,
  command.follow,
]);

/** Buttons in the title of a view, for which no row is needed. */
const ofViews: ReadonlySet<CommandId> = new Set([
  command.addServer,
  command.backUpAll,
  command.closeChanges,
  command.discardPlan,
  command.discardRetention,
  command.filterByPath,
  command.freeUpSpace,
  command.goToDate,
  command.importServers,
  command.keepSo,
  command.openAllChanges,
  command.openConfiguration,
  command.refresh,
  command.removeShown,
  command.restoreTicked,
  command.showAllSnapshots,
  command.showLog,
  command.sortByName,
  command.sortByTrouble,
  command.showOverview,
]);

const actions: Readonly<Record<CommandId, Action>> = {
  [command.acceptSuspicion]: suspicions.acceptSuspicion,
  [command.addServer]: addServer,
  [command.backUpAll]: backups.backUpAll,
  [command.backUpNow]: backups.backUpNow,
  [command.backUpWithNote]: notes.backUpWithNote,
  [command.cancel]: backups.cancelBackup,
  [command.closeChanges]: changes.closeChanges,
  [command.compareSnapshotWithAnother]: changes.compareSnapshotWithAnother,
  [command.compareSnapshotWithPrevious]: changes.compareSnapshotWithPrevious,
  [command.compareSnapshotWithServer]: changes.compareSnapshotWithServer,
  [command.compareWithPreviousVersion]: files.compareWithPreviousVersion,
  [command.compareWithServer]: files.compareWithServer,
  [command.compareWithWorkspaceFile]: files.compareWithWorkspaceFile,
  [command.copyPath]: files.copyPath,
  [command.deleteSnapshot]: snapshots.deleteSnapshot,
  [command.discardPlan]: restores.discardPlan,
  [command.discardRetention]: retention.discardRetention,
  [command.editServer]: editServer,
  [command.excludeFromBackup]: selection.excludeFromBackup,
  [command.filterByPath]: narrowing.filterByPath,
  [command.follow]: overview.follow,
  [command.forgetPassword]: servers.forgetPassword,
  [command.freeUpSpace]: retention.freeUpSpace,
  [command.goToDate]: goToDate,
  [command.history]: files.showHistory,
  [command.importServers]: servers.importServers,
  [command.includeInBackup]: selection.includeInBackup,
  [command.keep]: retention.keep,
  [command.keepSo]: retention.keepSo,
  [command.lookAtSuspicion]: suspicions.lookAtSuspicion,
  [command.openAllChanges]: openAllChanges,
  [command.openConfiguration]: servers.openConfiguration,
  [command.openFile]: files.openFile,
  [command.openServerRow]: files.openServerRow,
  [command.openSnapshotRow]: files.openSnapshotRow,
  [command.pinSnapshot]: (parts, node) => snapshots.setPinned(parts, true, node),
  [command.refresh]: refresh,
  [command.removeServer]: servers.removeServer,
  [command.removeShown]: retention.removeShown,
  [command.repair]: proofs.repair,
  [command.restore]: restores.restore,
  [command.restoreFromSnapshot]: restores.restoreFromSnapshot,
  [command.restoreTicked]: restores.restoreTicked,
  [command.revealInExplorer]: files.revealInExplorer,
  [command.setMailPassword]: servers.setMailPassword,
  [command.setNote]: notes.setNote,
  [command.setPassword]: servers.setPassword,
  [command.setSchedule]: setSchedule,
  [command.showAllSnapshots]: narrowing.showAllSnapshots,
  [command.showChange]: changes.showChange,
  [command.showLog]: ({ log }) => log.show(),
  [command.showOverview]: overview.showOverview,
  [command.showPlanned]: restores.showPlanned,
  [command.showReport]: backups.showReport,
  [command.showVerification]: proofs.showProof,
  [command.sortByName]: ({ order }) => order.set('name'),
  [command.sortByTrouble]: ({ order }) => order.set('trouble'),
  [command.testConnection]: servers.testConnection,
  [command.tickPlanned]: restores.tickPlanned,
  [command.trustServer]: servers.trustServer,
  [command.undoRestore]: restores.undoRestore,
  [command.unpinSnapshot]: (parts, node) => snapshots.setPinned(parts, false, node),
  [command.verify]: proofs.verifySnapshots,
};

export function registerCommands(parts: Parts): Disposable[] {
  return Object.values(command).map((id) =>
    commands.registerCommand(id, (...args: readonly [AnyNode?, (readonly AnyNode[])?]) =>
      guarded(parts, async () => {
        if (!harmless.has(id)) requireTrust();
        const [node, selected] = args;
        if (!node && args.length > 0 && !ofViews.has(id)) {
          tellLostRow();
          return;
        }
        await parts.configuration.refresh();
        await actions[id](parts, node, selected?.filter(Boolean));
      }),
    ),
  );
}

/** Does something for the person; what fails is told to them, with what helps at hand. */
export async function guarded(parts: Parts, action: () => Promise<void> | void): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'cancelled') return;
    parts.log.error(wordsOf(error));
    const showLog = l10n.t('Show Log');
    const help = helpAgainst(error);
    const answers = help ? [help.title, showLog] : [showLog];
    const picked = await window.showErrorMessage(wordsOf(error), ...answers);
    if (picked === showLog) parts.log.show();
    else if (help && picked === help.title) await carryOut(parts, help.command);
  }
}

/** A configuration that is to be opened is the one with faults, where it is one of several. */
async function carryOut({ configuration }: Parts, id: CommandId): Promise<void> {
  const [file, another] = id === command.openConfiguration ? configuration.faulty : [];
  const row = file && !another && configuration.hasSeveral ? [{ kind: 'folder', file }] : [];
  await commands.executeCommand(id, ...row);
}

/**
 * The editor calls a command without its row if that was drawn anew just then. Another one must not be
 * taken for it.
 */
function tellLostRow(): void {
  void window.showWarningMessage(
    l10n.t('The row changed at that very moment. Choose the command on it once more.'),
  );
}

function refresh(parts: Parts, node?: AnyNode): void {
  const isRemote = node?.kind === 'server' || node?.kind === 'entry' || node?.kind === 'message';
  if (node?.kind === 'server') parts.remote.close(node.server.name);
  if (!isRemote) parts.snapshotsTree.refresh();
  if (isRemote && node.kind !== 'message') parts.serversTree.refresh(node);
  else parts.serversTree.refresh();
}
