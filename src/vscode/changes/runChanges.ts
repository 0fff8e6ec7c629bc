import type { CustomDocument, CustomReadonlyEditorProvider, Uri, WebviewPanel } from 'vscode';
import { isSnapshotId, type SnapshotId } from '../../model/snapshotId';
import { scheme, serverIn } from '../documentUri';

/** As in package.json. */
export const runChangesEditor = 'sauvegarde.runChanges';

const suffix = '.changes';

/** What the report of a run links to, beside it: a preview follows no link to a command. */
export function changesLink(id: SnapshotId): string {
  return `${id}${suffix}`;
}

/** Opened by that link, and closed at once: the changes are shown in their view. */
export class RunChanges implements CustomReadonlyEditorProvider {
  readonly #show: (server: string, id: SnapshotId) => Promise<void>;

  constructor(show: (server: string, id: SnapshotId) => Promise<void>) {
    this.#show = show;
  }

  openCustomDocument(uri: Uri): CustomDocument {
    return { uri, dispose: () => undefined };
  }

  async resolveCustomEditor({ uri }: CustomDocument, panel: WebviewPanel): Promise<void> {
    panel.dispose();
    const [segment = '', name = ''] = uri.path.slice(1).split('/');
    const id = name.slice(0, -suffix.length);
    if (uri.scheme === scheme && isSnapshotId(id)) await this.#show(serverIn(segment), id);
  }
}
