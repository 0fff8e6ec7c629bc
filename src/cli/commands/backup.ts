import { worstOf, type ExitCode } from '../exitCodes';
import { selectServers } from '../selectServers';
import type { Session } from '../session';
import { backUpIfDue } from './backupIfDue';
import { runShowingProgress, tellOutcome } from './serverRun';
import type { Server } from '../../model/configuration/server';

/** `sauvegarde backup [SERVER…]` */
export async function backupCommand(
  session: Session,
  names: readonly string[],
  ifDue: boolean,
): Promise<ExitCode> {
  const servers = selectServers(session.workspace.configuration, names);
  if (ifDue) return await backUpIfDue(session, servers);
  const codes: ExitCode[] = [];
  for (const server of servers) {
    codes.push(await backUpServer(session, server));
    if (session.signal.aborted) break;
  }
  return worstOf(codes);
}

async function backUpServer(session: Session, server: Server): Promise<ExitCode> {
  const told = await runShowingProgress(session, server);
  const code = tellOutcome(session, server, told);
  if (!session.signal.aborted) await told.emptied;
  return code;
}
