import { l10n, window, type ExtensionContext } from 'vscode';
import { messageOf } from './base/errors';
import { Extension } from './vscode/extension';

/** Builds the parts and connects them. No server is connected to. */
export function activate(context: ExtensionContext): void {
  const extension = new Extension(context);
  context.subscriptions.push(extension);
  // Not waited for: other extensions are started only after this one.
  extension.start().catch((error: unknown) => {
    void window.showErrorMessage(l10n.t('Sauvegarde could not start: {0}', messageOf(error)));
  });
}
