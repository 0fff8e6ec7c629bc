import { Option, type Command } from 'commander';
import type { Amount } from '../../model/amount';
import { shareArgument } from '../amounts';
import { withGlobalOptions, type Add, type Run } from '../programParts';
import {
  checkCopiesCommand,
  createCommand,
  listCopiesCommand,
  recoverCommand,
  rehearseCommand,
  type RecoverArguments,
} from './copies';
import { copyCommand } from './copy';

/** The commands about off-site copies. */
export function addCopyCommands(add: Add, run: Run): void {
  add('copy [servers...]', 'hand what came since the last copies to the off-site repositories')
    .option('--to <name>', 'only to this one (default: to all that the servers have)')
    .action((servers: string[], { to }: { to?: string }, command: Command) =>
      run(command, (session) => copyCommand(session, servers, to)),
    );
  const copies = add('copies', 'off-site copies: make the repository, look, prove, bring back');
  const addBelow: Add = (usage, description) =>
    withGlobalOptions(copies.command(usage).description(description));
  addBelow('create <name>', 'make the repository of a copy').action(
    (name: string, _options: unknown, command: Command) =>
      run(command, (session) => createCommand(session, name)),
  );
  addBelow('list [servers...]', 'what the repositories have, newest first').action(
    (servers: string[], _options: unknown, command: Command) =>
      run(command, (session) => listCopiesCommand(session, servers)),
  );
  addBelow('check [names...]', 'look at the repositories, and read a part of their content again')
    .addOption(
      new Option(
        '--sample <share>',
        'so much of it, the next part each time (default: 5%)',
      ).argParser(shareArgument),
    )
    .action((names: string[], { sample }: { sample?: Amount }, command: Command) =>
      run(command, (session) => checkCopiesCommand(session, names, shareOf(sample))),
    );
  addBelow(
    'rehearse [names...]',
    'bring a random part back, and compare it with its manifest',
  ).action((names: string[], _options: unknown, command: Command) =>
    run(command, (session) => rehearseCommand(session, names)),
  );
  addBelow('recover <server> [snapshot]', 'rebuild a snapshot (default: the newest) from a copy')
    .addOption(new Option('--all', 'all snapshots that the repository has'))
    .option('--from <name>', 'which copy, where the server has several')
    .option('--to <folder>', 'into a store below this folder (default: where the backups are)')
    .action(
      (server: string, snapshot: string | undefined, options: RecoverArguments, command: Command) =>
        run(command, (session) => recoverCommand(session, server, snapshot, options)),
    );
}

const usualShare = 0.05;

function shareOf(amount: Amount | undefined): number {
  return amount && 'share' in amount ? amount.share : usualShare;
}
