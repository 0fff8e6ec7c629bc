import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { tightHeap } from '../tightHeap';

interface Outcome {
  /** Bytes. */
  readonly peak: number;
  readonly lists: number;
  readonly reads: number;
}

function backUpGenerated(folders: number, files: number, runs: number): Outcome {
  const args = ['build/run.mjs', 'test/jobs/memoryRun.ts', ...[folders, files, runs].map(String)];
  return JSON.parse(execFileSync(process.execPath, args, { env: tightHeap }).toString()) as Outcome;
}

it('backs up 200,000 entries in less than 250 MB', () => {
  const { peak, lists, reads } = backUpGenerated(400, 500, 1);
  expect(peak).toBeLessThan(250e6);
  expect([lists, reads]).toEqual([401, 200_000]);
});

it('lists each folder once and reads nothing when nothing has changed', () => {
  const { lists, reads } = backUpGenerated(50, 200, 2);
  expect([lists, reads]).toEqual([2 * 51, 10_000]);
});
