import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tightHeap } from '../tightHeap';

function run(...args: readonly string[]): string {
  const program = ['build/run.mjs', 'test/restore/memoryRun.ts', ...args];
  return execFileSync(process.execPath, program, { env: tightHeap }).toString();
}

it('restores 200,000 entries in less than 250 MB', () => {
  const workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-memory-'));
  try {
    run('write', workspace, '400', '500');
    const outcome = JSON.parse(run('restore', workspace, '400', '500')) as { peak: number };
    expect(outcome).toMatchObject({ status: 'complete', created: 200_401, failedCount: 0 });
    expect(outcome.peak).toBeLessThan(250e6);
  } finally {
    fs.rmSync(workspace, { recursive: true, force: true });
  }
});
