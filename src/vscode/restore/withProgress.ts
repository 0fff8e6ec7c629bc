import { ProgressLocation, window } from 'vscode';

const shownEvery = 250;

/** Does something with its progress in a notification, by which it can be cancelled. */
export async function withProgress<T>(
  title: string,
  words: () => string,
  action: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const options = { location: ProgressLocation.Notification, title, cancellable: true };
  return await window.withProgress(options, async (shown, token) => {
    const stop = new AbortController();
    const stopped = token.onCancellationRequested(() => stop.abort());
    const timer = setInterval(() => shown.report({ message: words() }), shownEvery);
    try {
      return await action(stop.signal);
    } finally {
      clearInterval(timer);
      stopped.dispose();
    }
  });
}
