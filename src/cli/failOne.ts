import { BackupError } from '../base/errors';
import { exitCodeOf, type ExitCode } from './exitCodes';
import type { Session } from './session';

/** Says what went wrong with one server or repository, so that the others can go on. */
export function failOne({ output }: Session, name: string, error: unknown): ExitCode {
  output.failure(name, error);
  return exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
}
