import { spawn } from 'node:child_process';
import { withDeadline } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';

export interface ToolResult {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

const deadline = 30_000;

/** Runs a program of the system, without a shell. Throws `configuration` if it is not there. */
export async function runTool(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  input = '',
): Promise<ToolResult> {
  const child = spawn(program, args, { stdio: 'pipe', env: { ...process.env, LC_ALL: 'C' } });
  const collected = { out: '', error: '' };
  child.stdout.on('data', (chunk: Buffer) => (collected.out += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (collected.error += chunk.toString('utf8')));
  // A program that does not read its input has ended already, and says why by its code.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<ToolResult>((resolve, reject) => {
    child.once('error', (error) => reject(missing(program, error)));
    child.once('close', (code) => resolve({ code, ...collected }));
  });
  child.stdin.end(input);
  try {
    return await withDeadline(ended, deadline, `${program} was running`, signal);
  } finally {
    child.kill();
  }
}

/** The same, and throws `configuration` with what the program said if it fails. */
export async function runToolWell(
  program: string,
  args: readonly string[],
  signal: AbortSignal,
  input?: string,
): Promise<string> {
  const { code, out, error } = await runTool(program, args, signal, input);
  if (code === 0) return out;
  const said = (error || out).trim().slice(0, 500);
  throw new BackupError('configuration', `${program} ${args[0] ?? ''} failed: ${said}`);
}

function missing(program: string, error: unknown): BackupError {
  const message = `${program} cannot be run (${messageOf(error)}). Install it, or choose another scheduler with --with.`;
  return new BackupError('configuration', message, { cause: error });
}
