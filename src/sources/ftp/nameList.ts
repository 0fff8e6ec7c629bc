import { BackupError } from '../../base/errors';
import { absolute } from '../../model/remotePath';
import type { Folder, FolderConnection } from './folder';
import { isDone } from './refusal';

/** More text than the names of a million files. */
const longestList = 64 * 1024 * 1024;

/**
 * The names in a folder by NLST (RFC 959, section 4.1.3), without what else a server gives there:
 * `.` and `..`, the path before each name. Undefined if the server refuses: many do so for a folder
 * that is empty. A server that breaks off is not asked again.
 */
export async function namesIn(
  connection: FolderConnection,
  folder: Folder,
): Promise<string[] | undefined> {
  if (!connection.habits.listsNames) return undefined;
  try {
    const text = await nameList(connection, folder);
    return text === undefined ? undefined : namesOf(text);
  } catch (error) {
    connection.habits.listsNames = false;
    throw error;
  }
}

async function nameList(connection: FolderConnection, folder: Folder): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  const receive = (chunk: Buffer): undefined => {
    length += chunk.length;
    if (length > longestList) {
      throw new BackupError(
        'protocol',
        `The list of names of ${absolute(folder.path)} has no end.`,
      );
    }
    chunks.push(chunk);
  };
  const enter = `CWD /${folder.wirePath}`;
  const { before, reply } = await connection.transfer([enter], 'NLST', receive);
  if (!isDone(reply) || before.some((one) => !isDone(one))) return undefined;
  return Buffer.concat(chunks).toString('latin1');
}

function namesOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/(?<=.)\/$/s, ''));
  const names = lines.map((line) => line.slice(line.lastIndexOf('/') + 1));
  return names.filter((name) => name !== '' && name !== '.' && name !== '..');
}
