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

/** What is to be done when each signal aborts. */
const waiting = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls `action` once when the signal aborts, at once if it has aborted already. Returns what takes
 * it back. All waiters of a signal share one listener: thousands of requests wait on the signal of
 * one run, and adding a listener costs as much as a system call (measured).
 */
export function whenAborted(signal: AbortSignal, action: () => void): () => void {
  if (signal.aborted) {
    action();
    return () => undefined;
  }
  let actions = waiting.get(signal);
  if (!actions) {
    const all = (actions = new Set<() => void>());
    waiting.set(signal, all);
    signal.addEventListener('abort', () => callEach(all), { once: true });
  }
  const once = (): void => action();
  actions.add(once);
  return () => void waiting.get(signal)?.delete(once);
}

function callEach(actions: Set<() => void>): void {
  for (const action of [...actions]) {
    actions.delete(action);
    action();
  }
}

/** Settles like `promise`, or rejects as soon as the signal aborts. The promise itself goes on unobserved. */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const takeBack = whenAborted(signal, () => reject(abortReason(signal)));
    promise.then(
      (value) => {
        takeBack();
        resolve(value);
      },
      (error: unknown) => {
        takeBack();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
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
