import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { tightHeap } from '../tightHeap';

function run(...args: readonly string[]): string {
  const program = ['build/run.mjs', 'test/compare/memoryRun.ts', ...args];
  return execFileSync(process.execPath, program, { env: tightHeap }).toString();
}

it('compares 200,000 entries, of which a third has moved, in less than 200 MB', () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-memory-'));
  try {
    run('write', folder, '200000');
    const found = JSON.parse(run('compare', folder)) as { readonly peak: number };
    expect(found).toMatchObject({ moved: 66_667, added: 0, removed: 0, changed: 0 });
    expect(found.peak).toBeLessThan(200e6);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});
