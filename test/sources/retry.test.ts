import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { retry } from '../../src/base/retry';
import { TestClock } from './testClock';

const never = new AbortController().signal;

function failing(code: string, times: number): { calls: number; run: () => Promise<string> } {
  const operation = {
    calls: 0,
    run: (): Promise<string> => {
      operation.calls += 1;
      if (operation.calls > times) return Promise.resolve('done');
      const cause = new AggregateError([Object.assign(new Error(code), { code })]);
      const behind = new BackupError('connection', 'The host cannot be reached.', { cause });
      return Promise.reject(new BackupError('connection', 'It is lost.', { cause: behind }));
    },
  };
  return operation;
}

describe('what is tried again', () => {
  it.each(['ENOTFOUND', 'EAI_AGAIN', 'ENETUNREACH', 'EHOSTUNREACH'])(
    'waits for the network of a computer that has woken up (%s), and goes on',
    async (code) => {
      const clock = new TestClock();
      const operation = failing(code, 20);
      expect(await retry(operation.run, clock, never)).toBe('done');
      expect(clock.slept).toBeGreaterThanOrEqual(30_000);
    },
  );

  it('does not wait for a network for ever', async () => {
    const clock = new TestClock();
    const operation = failing('ENETUNREACH', Infinity);
    await expect(retry(operation.run, clock, never)).rejects.toMatchObject({ kind: 'connection' });
    expect(clock.slept).toBeLessThan(150_000);
  });

  it('is given up after a few attempts where the server itself refuses', async () => {
    const operation = failing('ECONNREFUSED', Infinity);
    const attempt = retry(operation.run, new TestClock(), never);
    await expect(attempt).rejects.toMatchObject({ kind: 'connection' });
    expect(operation.calls).toBe(4);
  });
});
