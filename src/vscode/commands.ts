import { commands, l10n, window, type Disposable, type LogOutputChannel } from 'vscode';
import { BackupError, messageOf } from '../base/errors';

/** The ids of the commands, the same as in package.json. */
export const command = {
  backUpNow: 'sauvegarde.backUpNow',
  showLog: 'sauvegarde.showLog',
} as const;

/** A command whose failure is told to the person, with the log at hand. */
export function registerCommand(
  id: (typeof command)[keyof typeof command],
  log: LogOutputChannel,
  action: () => Promise<void>,
): Disposable {
  return commands.registerCommand(id, async () => {
    try {
      await action();
    } catch (error) {
      if (error instanceof BackupError && error.kind === 'cancelled') return;
      log.error(messageOf(error));
      const showLog = l10n.t('Show Log');
      const picked = await window.showErrorMessage(messageOf(error), showLog);
      if (picked === showLog) log.show();
    }
  });
}
