import { worstOf, type ExitCode } from '../exitCodes';
import { selectServers } from '../selectServers';
import type { Session } from '../session';
import { backUpIfDue } from './backupIfDue';
import { runShowingProgress, tellOutcome } from './serverRun';
import type { Server } from '../../model/configuration/server';

export interface BackupArguments {
  readonly ifDue?: boolean;
  readonly reread?: boolean;
  readonly note?: string;
}

/** `sauvegarde backup [SERVER…]` */
export async function backupCommand(
  session: Session,
  names: readonly string[],
  options: BackupArguments,
): Promise<ExitCode> {
  const servers = selectServers(session.workspace.configuration, names);
  if (options.ifDue) return await backUpIfDue(session, servers);
  const codes: ExitCode[] = [];
  for (const server of servers) {
    codes.push(await backUpServer(session, server, options));
    if (session.signal.aborted) break;
  }
  return worstOf(codes);
}

async function backUpServer(
  session: Session,
  server: Server,
  { reread, note }: BackupArguments,
): Promise<ExitCode> {
  const told = await runShowingProgress(session, server, {
    ...(reread && { reread }),
    ...(note !== undefined && { note }),
  });
  const code = tellOutcome(session, server, told);
  if (!session.signal.aborted) await told.emptied;
  return code;
}
