import { expect, it } from 'vitest';
import { abortable, whenAborted } from '../../src/base/abort';

it('hundreds of waits share one listener of a signal, and Node sees no leak', async () => {
  const warnings: string[] = [];
  const keep = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', keep);
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners += 1;
    add(...parameters);
  };
  const settle: (() => void)[] = [];
  const waits = Array.from({ length: 300 }, () =>
    abortable(new Promise<void>((resolve) => settle.push(resolve)), signal),
  );
  expect(listeners).toBe(1);
  for (const resolve of settle) resolve();
  await Promise.all(waits);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', keep);
  expect(warnings).toEqual([]);
});

it('calls each waiter once, none that was taken back, and late ones at once', async () => {
  const stop = new AbortController();
  const called: string[] = [];
  whenAborted(stop.signal, () => called.push('first'));
  const takeBack = whenAborted(stop.signal, () => called.push('taken back'));
  const wait = abortable(new Promise(() => undefined), stop.signal);
  takeBack();
  stop.abort();
  await expect(wait).rejects.toMatchObject({ kind: 'cancelled' });
  whenAborted(stop.signal, () => called.push('late'));
  expect(called).toEqual(['first', 'late']);
});
