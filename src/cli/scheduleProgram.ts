import { Argument, Option, type Command } from 'commander';
import { namespaceArgument, storageArgument } from './amounts';
import {
  exportForms,
  exportSchedules,
  type ExportFlags,
  type ExportForm,
} from './commands/exportSchedules';
import { installSchedules, removeSchedules, showSchedules } from './commands/schedule';
import { withGlobalOptions, type Run } from './programParts';
import { schedulerNames, type SchedulerName } from './schedulers/systemScheduler';

/** The commands below `sauvegarde schedule`. */
export function addSchedule(schedule: Command, run: Run): void {
  const actions = {
    install: ['write them, in the place of those installed before', installSchedules],
    show: ['say what is installed, and when each will next run', showSchedules],
    remove: ['take them out again', removeSchedules],
  } as const;
  for (const [name, [description, action]] of Object.entries(actions)) {
    withGlobalOptions(schedule.command(name).description(description))
      .addOption(
        new Option('--with <scheduler>', 'which one (default: the one of this system)').choices(
          schedulerNames,
        ),
      )
      .action((options: { with?: SchedulerName }, command: Command) =>
        run(command, (session) => action(session, options.with)),
      );
  }
  addExport(withGlobalOptions(schedule.command('export')), run);
}

function addExport(command: Command, run: Run): void {
  command
    .description('print what another scheduler takes, and install nothing')
    .addArgument(new Argument('<scheduler>', 'for which one').choices(exportForms))
    .option('-o, --output <folder>', 'write files into a folder instead')
    .option('--server <names...>', 'only these servers')
    .option('--image <name>', 'kubernetes: the image of the command line')
    .addOption(
      new Option('--namespace <name>', 'kubernetes: where all of it is put').argParser(
        namespaceArgument,
      ),
    )
    .addOption(
      new Option('--storage <size>', 'kubernetes: of each store (default: 20Gi)').argParser(
        storageArgument,
      ),
    )
    .action((form: ExportForm, flags: ExportFlags, self: Command) =>
      run(self, (session) => exportSchedules(session, form, flags)),
    );
}
