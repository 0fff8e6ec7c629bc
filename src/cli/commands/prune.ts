import { english } from '../../base/localization';
import {
  applyRetention,
  planRetention,
  type RetentionPlan,
  type RetentionResult,
} from '../../jobs/retention/retention';
import type { Server } from '../../model/configuration/server';
import type { Decision } from '../../model/retention/retention';
import type { Suspicion } from '../../model/retention/suspicion';
import { bytesText, countText } from '../../report/figures';
import { lossText } from '../../report/lossText';
import { emptyTrash } from '../../store/removal';
import { exitCode, worstOf, type ExitCode } from '../exitCodes';
import { failOne } from '../failOne';
import type { Session } from '../session';
import { selectServers } from '../selectServers';

/** `sauvegarde prune [SERVER…] [--dry-run]`: what stays and why, and removes the rest. */
export async function pruneCommand(
  session: Session,
  names: readonly string[],
  dryRun: boolean,
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const server of selectServers(session.workspace.configuration, names)) {
    try {
      codes.push(await pruneServer(session, server, dryRun));
    } catch (error) {
      codes.push(failOne(session, server.name, error));
    }
    if (session.signal.aborted) break;
  }
  return worstOf(codes);
}

async function pruneServer(session: Session, server: Server, dryRun: boolean): Promise<ExitCode> {
  const { clock, signal, output } = session;
  const store = session.store(server);
  const options = { server, store, clock, signal };
  const applied = dryRun ? undefined : await applyRetention(options);
  const result = applied ?? (await planRetention(options));
  for (const suspicion of result.suspicions) tellSuspicion(session, server.name, suspicion);
  for (const decision of result.decisions) tellDecision(session, server.name, decision, result);
  if (result.decisions.length === 0) output.note(`${server.name}: no snapshot yet`);
  if (applied) tellRemoved(session, server.name, applied);
  else tellWouldFree(session, server.name, result);
  if (applied) await emptyTrash(store);
  return result.suspicions.length > 0 ? exitCode.failed : exitCode.done;
}

function tellSuspicion({ output }: Session, server: string, suspicion: Suspicion): void {
  output.result(
    `${server}  ${suspicion.snapshot}  SUSPICIOUS: ${lossText(suspicion, english)}. ` +
      `Nothing is removed until you have looked. If it is right: sauvegarde accept ${server}`,
    { event: 'suspicious', server, ...suspicion },
  );
}

function tellDecision(
  { output }: Session,
  server: string,
  { id, keep, reasons }: Decision,
  { freeing }: RetentionPlan,
): void {
  const frees = keep ? 0 : (freeing.each.get(id) ?? 0);
  const words = keep ? `keep    ${reasons.join(', ')}` : `remove  frees ${bytesText(frees)}`;
  const event = { event: 'retention', server, snapshot: id, keep, reasons, frees };
  output.result(`${server}  ${id}  ${words}`, event);
}

function tellRemoved(
  { output }: Session,
  server: string,
  { removed, freedBytes }: RetentionResult,
): void {
  const count = countText(removed.length, 'snapshot');
  output.result(`${server}: removed ${count}, ${bytesText(freedBytes)} freed`, {
    event: 'pruned',
    server,
    removed,
    freedBytes,
  });
}

function tellWouldFree({ output }: Session, server: string, plan: RetentionPlan): void {
  const going = plan.decisions.filter(({ keep }) => !keep).length;
  const count = countText(going, 'snapshot');
  output.note(`${server}: would remove ${count} and free ${bytesText(plan.freeing.total)}`);
}
