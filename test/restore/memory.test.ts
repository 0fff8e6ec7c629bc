import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

it('restores 200,000 entries in less than 250 MB', () => {
  const args = ['build/run.mjs', 'test/restore/memoryRun.ts', '400', '500'];
  const outcome = JSON.parse(execFileSync(process.execPath, args).toString()) as { peak: number };
  expect(outcome).toMatchObject({ status: 'complete', created: 200_401, failedCount: 0 });
  expect(outcome.peak).toBeLessThan(250e6);
}, 600_000);
