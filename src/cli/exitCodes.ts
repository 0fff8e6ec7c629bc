import type { ErrorKind } from '../base/errors';

/** What the exit code of the program says. Part of its interface. */
export const exitCode = {
  done: 0,
  failed: 1,
  usage: 2,
  skipped: 3,
  locked: 4,
  /** Damage was found in a snapshot and is still there. */
  damaged: 5,
  /** `diff --exit-code`: something differs. */
  differs: 6,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

export function exitCodeOf(kind: ErrorKind): ExitCode {
  switch (kind) {
    case 'configuration':
      return exitCode.usage;
    case 'locked':
      return exitCode.locked;
    case 'cancelled':
      return exitCode.cancelled;
    default:
      return exitCode.failed;
  }
}

const gravest: readonly ExitCode[] = [
  exitCode.cancelled,
  exitCode.usage,
  exitCode.failed,
  exitCode.damaged,
  exitCode.locked,
  exitCode.skipped,
  exitCode.done,
];

/** One code for several servers: the gravest. */
export function worstOf(codes: readonly ExitCode[]): ExitCode {
  return gravest.find((code) => codes.includes(code)) ?? exitCode.done;
}
