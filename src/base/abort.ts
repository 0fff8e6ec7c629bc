import { setMaxListeners } from 'node:events';
import { BackupError } from './errors';

/** The error of a run that was cancelled. */
export function cancelled(): BackupError {
  return new BackupError(
    'cancelled',
    'The run was cancelled. The next run continues where it stopped.',
  );
}

/** Throws a `cancelled` error if the signal has aborted, or the error it was aborted with. */
export function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw abortReason(signal);
}

/** Why the signal aborted: the `BackupError` it was given, else `cancelled`. */
export function abortReason(signal: AbortSignal): BackupError {
  return signal.reason instanceof BackupError ? signal.reason : cancelled();
}

/** Settles like `promise`, or rejects as soon as the signal aborts. The promise itself goes on unobserved. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  // Hundreds of requests wait on the signal of one run: that is no leak for Node to warn of.
  setMaxListeners(0, signal);
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Settles like `promise`, or rejects with a `timeout` error that names what was waited for. */
export function withDeadline<T>(
  promise: Promise<T>,
  milliseconds: number,
  what: string,
  signal?: AbortSignal,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      const seconds = Math.round(milliseconds / 100) / 10;
      reject(new BackupError('timeout', `No answer for ${seconds} seconds while ${what}.`));
    }, milliseconds);
  });
  const raced = Promise.race([promise, deadline]);
  const guarded = signal ? abortable(raced, signal) : raced;
  return guarded.finally(() => clearTimeout(timer));
}
