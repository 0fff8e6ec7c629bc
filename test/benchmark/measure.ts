import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of a program cost, with all of its child processes. */
export interface Cost {
  /** Seconds. */
  readonly wall: number;
  /** Processor seconds, user and system. */
  readonly cpu: number;
  /** Peak resident bytes of the largest process. */
  readonly peak: number;
  /** The end of what it printed. */
  readonly output: string;
}

const deadline = 900_000;

/** Runs a program under GNU time. Throws with its output if it fails. */
export async function measure(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Cost> {
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-cost-'));
  const report = join(folder, 'cost');
  try {
    const timed = ['-o', report, '-f', '%e %U %S %M', program, ...args];
    const { code, output } = await run('/usr/bin/time', timed, env);
    if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}:\n${output}`);
    const figures = readFileSync(report, 'utf8').trim().split('\n').at(-1)?.split(' ').map(Number);
    const [wall = 0, user = 0, system = 0, kilobytes = 0] = figures ?? [];
    return { wall, cpu: user + system, peak: kilobytes * 1024, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(
  program: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-4000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const timer = setTimeout(() => child.kill('SIGKILL'), deadline);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** Bytes that came over the wire, as Sauvegarde or rsync tells them at its end; not a number from others. */
export function receivedBytes(output: string): number {
  const told = /"receivedBytes":(\d+)|bytes received: ([\d,]+)/.exec(output);
  return Number((told?.[1] ?? told?.[2] ?? 'NaN').replaceAll(',', ''));
}
