import { once } from 'node:events';
import type { Socket } from 'node:net';
import { throwIfAborted } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import type { RemotePath } from '../../model/remotePath';
import type { Connection } from '../../sources/ftp/connection';
import { isDone } from '../../sources/ftp/refusal';
import type { Reply } from '../../sources/ftp/reply';
import type { Content } from '../target';
import { writeRefusal } from './writeRefusal';

/**
 * Sends a file over a data connection of its own (STOR), and what is to be asked of it behind it. Every
 * connection is in binary mode. Throws as `writeRefusal`, and what reading the content throws.
 */
export async function uploadFile(
  connection: Connection,
  place: RemotePath,
  wirePath: string,
  content: Content,
  behind: readonly string[],
  signal: AbortSignal,
): Promise<readonly Reply[]> {
  const send = async (data: Socket): Promise<void> => {
    for await (const chunk of content.read()) {
      throwIfAborted(signal);
      if (!data.write(chunk)) await drained(data);
      connection.progress();
    }
    await ended(data);
  };
  const answers = await connection.converse(`STOR /${wirePath}`, send, behind);
  if (!isDone(answers.reply)) throw writeRefusal(answers.reply, place, 'could not be written');
  return answers.behind;
}

async function drained(data: Socket): Promise<void> {
  const closed = new AbortController();
  const onClose = (): void => closed.abort();
  data.once('close', onClose);
  try {
    if (data.destroyed) throw new Error('it was closed');
    await once(data, 'drain', { signal: closed.signal });
  } catch (error) {
    throw interrupted(error);
  } finally {
    data.off('close', onClose);
  }
}

/** Resolves when the last byte, and the end behind it, is handed to the system. */
function ended(data: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(interrupted(new Error('it was closed')));
    data.once('close', onClose);
    data.end(() => {
      data.off('close', onClose);
      resolve();
    });
  });
}

function interrupted(error: unknown): BackupError {
  const message = `The connection for the transfer failed: ${messageOf(error)}.`;
  return new BackupError('connection', message, { cause: error });
}
