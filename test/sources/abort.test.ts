import { expect, it } from 'vitest';
import { abortable } from '../../src/base/abort';

it('hundreds of waits on one signal are no leak to warn of, and leave no listener behind', async () => {
  const warnings: string[] = [];
  const keep = (warning: Error): void => void warnings.push(warning.name);
  process.on('warning', keep);
  const stop = new AbortController();
  let listeners = 0;
  const { signal } = stop;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...parameters: Parameters<typeof add>) => {
    listeners += 1;
    add(...parameters);
  };
  signal.removeEventListener = (...parameters: Parameters<typeof remove>) => {
    listeners -= 1;
    remove(...parameters);
  };
  const settle: (() => void)[] = [];
  const waits = Array.from({ length: 300 }, () =>
    abortable(new Promise<void>((resolve) => settle.push(resolve)), signal),
  );
  expect(listeners).toBe(300);
  for (const resolve of settle) resolve();
  await Promise.all(waits);
  await new Promise((resolve) => setImmediate(resolve));
  process.off('warning', keep);
  expect([warnings, listeners]).toEqual([[], 0]);
});
