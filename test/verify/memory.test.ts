import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { tightHeap } from '../tightHeap';

let workspace: string;

function bigStore(...args: string[]): string {
  const all = ['build/run.mjs', 'test/verify/bigStore.ts', ...args];
  return execFileSync(process.execPath, all, { env: tightHeap }).toString();
}

interface Outcome {
  readonly status: string;
  readonly files: number;
  /** Bytes. */
  readonly peak: number;
}

beforeAll(() => {
  workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-verify-'));
  bigStore('make', workspace, '200', '500', '8');
});

afterAll(() => fs.rmSync(workspace, { recursive: true, force: true }));

it.each([
  ['all of it', []],
  ['a sample', ['0.1']],
])(
  'verifies 100,000 entries in less than 170 MB: %s',
  (_what, args) => {
    const outcome = JSON.parse(bigStore('verify', workspace, ...args)) as Outcome;
    expect(outcome.status).toBe('whole');
    expect(outcome.files).toBe(args.length === 0 ? 100_000 : 10_000);
    expect(outcome.peak).toBeLessThan(170e6);
  },
  300_000,
);
