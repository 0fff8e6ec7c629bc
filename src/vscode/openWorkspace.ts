import { l10n, workspace } from 'vscode';
import { BackupError } from '../base/errors';
import { readWorkspace, type Workspace } from '../jobs/workspace';

/** The configuration of the first workspace folder. Throws `configuration` if there is none. */
export function openWorkspace(): Workspace {
  const folder = workspace.workspaceFolders?.find(({ uri }) => uri.scheme === 'file');
  if (folder) return readWorkspace(folder.uri.fsPath);
  throw new BackupError(
    'configuration',
    l10n.t('Open a folder first: the backups are kept in it.'),
  );
}
