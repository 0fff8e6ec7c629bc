import type { CommandLine } from '../cli/commandLine';
import type { SlowPlace } from './slowPlaces';

/** What a kill may cost: what came in the last five seconds, or 16 MiB, whichever is more. */
const mostBytes = 16 * 1024 * 1024;
const mostMilliseconds = 5000;

export interface Kill {
  /** How the program ended; null if it could not say. */
  readonly code: number | null;
  /** Bytes that had come over the line in this run. */
  readonly received: number;
  /** What may come again. */
  readonly allowed: number;
}

/** Starts a backup, and ends it with a signal once so many bytes have come over the line. */
export async function runKilled(
  place: SlowPlace,
  workspace: CommandLine,
  bytes: number,
  signal: NodeJS.Signals = 'SIGKILL',
): Promise<Kill> {
  const { line, env } = place;
  const before = line.passed;
  let kill: Omit<Kill, 'code'> | undefined;
  const { code, out, error } = await workspace.run(['backup', '--json'], {
    env,
    started: (child) => {
      line.onPassed = () => {
        const received = line.passed - before;
        if (kill !== undefined || received < bytes) return;
        const allowed = Math.max(mostBytes, line.passedWithin(mostMilliseconds));
        kill = { received, allowed };
        child.kill(signal);
      };
    },
  });
  line.onPassed = () => undefined;
  if (!kill) throw new Error(`The run ended by itself:\n${out}\n${error}`);
  // What came while the program was ending itself counts as well.
  return { ...kill, code, received: line.passed - before };
}

/** Backs up to the end, as fast as can be. Gives the bytes that came over the line. */
export async function runToTheEnd(place: SlowPlace, workspace: CommandLine): Promise<number> {
  const { line, env } = place;
  const { rate, passed } = line;
  line.rate = Infinity;
  const { code, out, error } = await workspace.run(['backup', '--json'], { env });
  line.rate = rate;
  if (code !== 0) throw new Error(`The backup ended with ${code}:\n${out}\n${error}`);
  return line.passed - passed;
}

export interface Plain {
  /** Bytes of a first backup that nothing interrupts. */
  readonly whole: number;
  /** Bytes of one in which nothing has changed: login and listing. */
  readonly listing: number;
}

export async function runPlainly(place: SlowPlace): Promise<Plain> {
  using workspace = place.workspace();
  const whole = await runToTheEnd(place, workspace);
  return { whole, listing: await runToTheEnd(place, workspace) };
}
