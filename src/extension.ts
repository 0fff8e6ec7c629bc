import { commands, l10n, window, type ExtensionContext } from 'vscode';
import { messageOf } from './base/errors';
import { Extension } from './vscode/extension';

/** Builds the parts and connects them; touches neither the network nor, but for the configuration, the disk. */
export async function activate(context: ExtensionContext): Promise<void> {
  try {
    const extension = new Extension(context);
    context.subscriptions.push(extension);
    await extension.start();
  } catch (error) {
    // VS Code itself says nothing when an extension fails to start.
    await commands.executeCommand('setContext', 'sauvegarde.failed', true);
    void window.showErrorMessage(l10n.t('Sauvegarde could not start: {0}', messageOf(error)));
    throw error;
  }
}
