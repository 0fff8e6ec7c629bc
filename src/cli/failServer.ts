import { BackupError } from '../base/errors';
import { exitCodeOf, type ExitCode } from './exitCodes';
import type { Session } from './session';

/** Says what went wrong with one server, so that the others can go on. */
export function failServer({ output }: Session, server: string, error: unknown): ExitCode {
  output.failure(server, error);
  return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
}
