/** What a person sees in a terminal: the commands, and how they speak. */
import { Command, CommanderError, Option } from 'commander';
import { BackupError } from '../base/errors';
import { version } from '../jobs/version';
import { backupCommand, type BackupArguments } from './commands/backup';
import { checkCommand } from './commands/check';
import { addCopyCommands } from './commands/copyProgram';
import { daemonCommand } from './commands/daemon';
import { diffCommand } from './commands/diff';
import { listCommand } from './commands/list';
import { lsCommand } from './commands/ls';
import { metricsCommand } from './commands/metrics';
import { overviewCommand } from './commands/overview';
import { pruneCommand } from './commands/prune';
import {
  acceptCommand,
  deleteCommand,
  noteCommand,
  pinCommand,
  unpinCommand,
} from './commands/snapshotMarks';
import { overwriteChoices, restoreCommand, type RestoreFlags } from './commands/restore';
import { trustCommand } from './commands/trust';
import { verifyCommand, type VerifyArguments } from './commands/verify';
import { durationArgument, noteArgument, shareArgument } from './amounts';
import { listenAddressArgument, type ListenAddress } from './metrics/listenAddress';
import { exitCode, exitCodeOf, type ExitCode } from './exitCodes';
import type { Terminal } from './output';
import { withGlobalOptions, type Add, type Run } from './programParts';
import { addSchedule } from './scheduleProgram';
import { Session, type GlobalOptions } from './session';

/** Runs one command line, without the program's own name. Never rejects. */
export async function runProgram(
  args: readonly string[],
  terminal: Terminal,
  signal: AbortSignal,
): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = buildProgram(terminal, async (command, work) => {
    const session = new Session(terminal, command.optsWithGlobals<GlobalOptions>(), signal);
    try {
      code = await work(session);
    } catch (error) {
      session.output.failure(undefined, error);
      code = exitCodeOf(error instanceof BackupError ? error.kind : 'protocol');
    }
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? exitCode.done : exitCode.usage;
  }
}

function buildProgram(terminal: Terminal, run: Run): Command {
  const program = withGlobalOptions(new Command('sauvegarde'))
    .description('Back up folders of remote servers into dated, verified snapshots.')
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void terminal.out.write(text),
      writeErr: (text) => void terminal.error.write(text),
    });
  const add = (usage: string, description: string): Command =>
    withGlobalOptions(program.command(usage).description(description));

  addBackup(add('backup [servers...]', 'back up; all servers if none is named'), run);
  add('list [servers...]', 'snapshots, newest first').action(
    (servers: string[], _options: unknown, command: Command) =>
      run(command, (session) => listCommand(session, servers)),
  );
  add('ls <server> <snapshot> [path]', 'what is in a snapshot').action(
    (
      server: string,
      snapshot: string,
      path: string | undefined,
      _options: unknown,
      command: Command,
    ) => run(command, (session) => lsCommand(session, server, snapshot, path)),
  );
  addDiff(add, run);
  addRetention(add, run);
  add('check [servers...]', 'log in, list the included paths, say what would be backed up').action(
    (servers: string[], _options: unknown, command: Command) =>
      run(command, (session) => checkCommand(session, servers)),
  );
  add('trust <server>', 'show, and with --accept pin, the host key or certificate')
    .option('--accept', 'pin what the server shows in the configuration file')
    .action((server: string, options: { accept?: boolean }, command: Command) =>
      run(command, (session) => trustCommand(session, server, options.accept ?? false)),
    );
  addVerify(
    add('verify [servers...]', 'read snapshots again and compare every byte with what was written'),
    run,
  );
  addRestore(add('restore <server> <snapshot> [paths...]', 'put files of a snapshot back'), run);
  add('overview', 'all servers on one page of HTML: states, sizes, changes')
    .option('-o, --output <file>', 'where to write it (default: to standard output)')
    .action((options: { output?: string }, command: Command) =>
      run(command, (session) => overviewCommand(session, options.output)),
    );
  addCopyCommands(add, run);
  add('metrics', 'how all servers stand, in the text format of Prometheus')
    .option('-o, --output <file>', 'where to write it (default: to standard output)')
    .action((options: { output?: string }, command: Command) =>
      run(command, (session) => metricsCommand(session, options.output)),
    );
  addSchedule(add('schedule', 'hand the schedules to another scheduler'), run);
  addDaemon(add('daemon', 'run the schedules in the foreground; a line of JSON for all'), run);
  return program;
}

function addBackup(backup: Command, run: Run): void {
  backup
    .option('--if-due', 'only those that are due by their schedule and were not backed up since')
    .addOption(
      new Option(
        '--reread',
        'compare the content of all files with the server, whatever their sizes and times say',
      ).conflicts('ifDue'),
    )
    .addOption(
      new Option('--note <text>', 'what you want to remember of the snapshot, such as "before 6.8"')
        .argParser(noteArgument)
        .conflicts('ifDue'),
    )
    .action((servers: string[], options: BackupArguments, command: Command) =>
      run(command, (session) => backupCommand(session, servers, options)),
    );
}

function addVerify(verify: Command, run: Run): void {
  verify
    .option('--snapshot <id>', 'this one (default: the newest complete one)')
    .addOption(new Option('--all', 'all snapshots').conflicts('snapshot'))
    .addOption(
      new Option(
        '--sample <share>',
        'only so much of all snapshots, such as 10%: what was read longest ago comes first',
      ).argParser(shareArgument),
    )
    .addOption(
      new Option('--for <time>', 'only as much as can be read in a time such as 10m, likewise')
        .argParser(durationArgument)
        .conflicts('sample'),
    )
    .option('--repair', 'mend what is damaged: from other snapshots, else from the server')
    .action((servers: string[], options: VerifyArguments, command: Command) =>
      run(command, (session) => verifyCommand(session, servers, options)),
    );
}

function addDiff(add: Add, run: Run): void {
  add(
    'diff <server> <from> [to] [path]',
    'what changed since a snapshot, up to another one (default: the newest) or "server"',
  )
    .option('--content', 'show how texts differ')
    .option('--exit-code', 'end with 6 if anything differs')
    .action(
      (
        server: string,
        from: string,
        to: string | undefined,
        path: string | undefined,
        options: { content?: boolean; exitCode?: boolean },
        command: Command,
      ) =>
        run(command, (session) =>
          diffCommand(session, {
            ...{ server, from },
            ...(to !== undefined && { to }),
            ...(path !== undefined && { path }),
            ...{ content: options.content ?? false, exitCode: options.exitCode ?? false },
          }),
        ),
    );
}

function addRetention(add: Add, run: Run): void {
  add('prune [servers...]', 'say which snapshots stay and why, and remove the others')
    .option('--dry-run', 'only say it')
    .action((servers: string[], options: { dryRun?: boolean }, command: Command) =>
      run(command, (session) => pruneCommand(session, servers, options.dryRun ?? false)),
    );
  add('note <server> <snapshot> [text]', 'say something of a snapshot; nothing: no more').action(
    (
      server: string,
      snapshot: string,
      text: string | undefined,
      _options: unknown,
      command: Command,
    ) => run(command, (session) => noteCommand(session, server, snapshot, text)),
  );
  const marks = {
    pin: ['keep snapshots, whatever the retention says', pinCommand],
    unpin: ['let the retention decide again', unpinCommand],
    delete: ['delete snapshots; the others stay whole', deleteCommand],
  } as const;
  for (const [name, [description, action]] of Object.entries(marks)) {
    add(`${name} <server> <snapshots...>`, description).action(
      (server: string, snapshots: string[], _options: unknown, command: Command) =>
        run(command, (session) => action(session, server, snapshots)),
    );
  }
  add('accept <server>', 'a suspicious snapshot is right: the retention goes on').action(
    (server: string, _options: unknown, command: Command) =>
      run(command, (session) => acceptCommand(session, server)),
  );
}

function addRestore(restore: Command, run: Run): void {
  restore
    .option('--to <folder>', 'to a folder of this computer')
    .option('--to-server', 'to the server itself')
    .option('--as <name>', 'with --to-server: to another configured server')
    .option('--dry-run', 'show the plan, and write nothing')
    .addOption(
      new Option('--overwrite <which>', 'files that are there already (default: changed)').choices(
        overwriteChoices,
      ),
    )
    .option('--delete', 'delete what the snapshot does not have, in the folders that are restored')
    .option('--verify', 'read back what was written, and compare it')
    .option('--yes', 'do not ask')
    .action(
      (server: string, snapshot: string, paths: string[], flags: RestoreFlags, command: Command) =>
        run(command, (session) => restoreCommand(session, server, snapshot, paths, flags)),
    );
}

function addDaemon(daemon: Command, run: Run): void {
  daemon
    .addOption(
      new Option(
        '--metrics <address>',
        'serve /metrics for Prometheus and /healthz there, such as 127.0.0.1:9469',
      ).argParser(listenAddressArgument),
    )
    .action((options: { metrics?: ListenAddress }, command: Command) =>
      run(command.setOptionValue('json', true), (session) =>
        daemonCommand(session, options.metrics),
      ),
    );
}
