import { l10n } from 'vscode';
import { BackupError } from '../../base/errors';
import { openReport } from '../commands/backups';
import { reveal } from '../commands/files';
import type { Parts } from '../parts';

/** *Show Overview* */
export async function showOverview(parts: Parts): Promise<void> {
  await parts.overview.show();
}

/**
 * A link of the overview: a report, or a snapshot or a folder of one as it stands on the disk.
 * @param link what the page says; nobody has checked it
 */
export async function follow(parts: Parts, link?: unknown): Promise<void> {
  const target = parts.overview.targetOf(link);
  if (!target) {
    throw new BackupError('not-found', l10n.t('This link is out of date. Open the overview anew.'));
  }
  if (target.kind === 'report') {
    await openReport(target.server, target.run);
    return;
  }
  const { server, snapshot, folder } = target;
  const store = parts.runs.storeOf(server);
  if (folder === '') {
    await reveal(store.layout.snapshot(snapshot));
    return;
  }
  // Its name on the disk may be another one than its name on the server.
  const entry = await parts.snapshots.entry(server, snapshot, folder);
  await reveal(store.place(snapshot, entry).toString());
}
