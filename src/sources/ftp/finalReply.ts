import { BackupError, messageOf } from '../../base/errors';
import type { Reply } from './reply';

/** A server that refuses often closes the data connection before it says why, in milliseconds. */
const moment = 500;

/** The reply of a transfer; a failed data connection does not wait for it longer than a moment. */
export function finalReply(reply: Promise<Reply>, ended: Promise<void>): Promise<Reply> {
  let timer: NodeJS.Timeout | undefined;
  let answered = false;
  const failed = new Promise<never>((_resolve, reject) => {
    ended.catch((error: unknown) => {
      if (answered) return;
      const waits = error instanceof BackupError && error.kind === 'connection';
      if (waits) timer = setTimeout(() => reject(error), moment);
      else reject(error instanceof Error ? error : new Error(messageOf(error)));
    });
  });
  return Promise.race([reply, failed]).finally(() => {
    answered = true;
    clearTimeout(timer);
  });
}
