import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import { openList } from './openList';
import type { RsyncServer } from './rsyncServer';

/**
 * Asks for the content of a folder that a list shows as empty, by itself: why it is not to be believed,
 * or undefined if it is empty indeed.
 * @param isKept whether an entry, under the path that the server knows, would be in the backup
 */
export async function whyNotEmpty(
  server: RsyncServer,
  folder: RemotePath,
  isKept: (entry: Entry) => boolean,
  signal: AbortSignal,
): Promise<BackupError | undefined> {
  try {
    const question = { root: folder, extent: 'content', recursive: false, digests: false } as const;
    const { listing, faults, session } = await openList(server, question, signal);
    session?.drop(new BackupError('connection', 'The session was closed.'));
    for (let position = 0; position < listing.length; position += 1) {
      const entry = listing.entry(position);
      if (entry.path !== folder && isKept(entry)) return flickering();
    }
    return faults.get(folder);
  } catch (error) {
    if (!(error instanceof BackupError) || error.scope === 'run') throw error;
    return error;
  }
}

function flickering(): BackupError {
  const message = 'The server listed it as empty and, asked once more, as not empty.';
  return new BackupError('protocol', message);
}
