import type { Command } from 'commander';
import type { ExitCode } from './exitCodes';
import type { Session } from './session';

/** Does the work of a command in a session of its own. */
export type Run = (
  command: Command,
  work: (session: Session) => Promise<ExitCode>,
) => Promise<void>;

/** Adds a command with the options that all have. */
export type Add = (usage: string, description: string) => Command;

export function withGlobalOptions(command: Command): Command {
  return command
    .option('-C, --workspace <folder>', 'the workspace folder (default: the current one)')
    .option(
      '--destination <folder>',
      'where the backups are, instead of the "destination" of the workspace folder',
    )
    .option('--json', 'one JSON object a line')
    .option('-q, --quiet', 'print results and failures only')
    .option('-v, --verbose', 'print what is going on')
    .option('--password-file <file>', 'read the password from a file that only you may read')
    .option(
      '--password-command <command>',
      'take the first line that the command prints as password',
    )
    .option('--jump-password-file <file>', 'the same for the jump hosts')
    .option('--jump-password-command <command>', 'the same for the jump hosts')
    .option('--copy-password-file <file>', 'the same for the repositories of off-site copies')
    .option(
      '--copy-password-command <command>',
      'the same for the repositories of off-site copies',
    );
}
