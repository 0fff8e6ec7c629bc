import { window, type ExtensionContext } from 'vscode';
import { backUpCommand } from './vscode/backUpCommand';
import { command, registerCommand } from './vscode/commands';
import { SecretCredentials } from './vscode/secretCredentials';
import { StatusBar } from './vscode/statusBar';

/** Builds the parts and connects them; touches neither the network nor the disk. */
export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel('Sauvegarde', { log: true });
  const statusBar = new StatusBar();
  const credentials = new SecretCredentials(context.secrets);
  context.subscriptions.push(
    log,
    statusBar,
    registerCommand(command.backUpNow, log, () => backUpCommand({ log, credentials, statusBar })),
    registerCommand(command.showLog, log, () => {
      log.show();
      return Promise.resolve();
    }),
  );
}
