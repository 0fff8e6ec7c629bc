import { summarizeRuns } from '../../jobs/history/runHistory';
import type { Server } from '../../model/configuration/server';
import type { Suspicion } from '../../model/retention/suspicion';
import { overdueAt } from '../../model/schedule/overdue';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import { bytesText, countText } from '../../report/figures';
import { provenSince } from '../../store/proofs';
import type { SnapshotSummary, Store } from '../../store/store';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import type { Session } from '../session';
import { selectServers } from '../selectServers';

/** `sauvegarde list [SERVER…]`: snapshots, newest first. */
export async function listCommand(session: Session, names: readonly string[]): Promise<ExitCode> {
  for (const server of selectServers(session.workspace.configuration, names)) {
    const store = session.store(server);
    const snapshots = await store.snapshots();
    const proven = await provenSince(store.disk, store.layout.proven);
    const suspicious = new Set((await suspicionsOf(server, store)).map(({ snapshot }) => snapshot));
    await tellOverdue(session, server);
    if (snapshots.length === 0) session.output.note(`${server.name}: no snapshot yet`);
    for (const snapshot of snapshots) {
      const since = proven.get(snapshot.id);
      const about = { since, isSuspicious: suspicious.has(snapshot.id) };
      session.output.result(
        lineOf(server.name, snapshot, about),
        eventOf(server.name, snapshot, about),
      );
    }
  }
  return exitCode.done;
}

/** What the guard has judged; it judges nothing now. */
async function suspicionsOf(server: Server, store: Store): Promise<readonly Suspicion[]> {
  return server.unattended?.guard === false ? [] : await store.guard.open();
}

/** A backup that did not happen has no line of its own. */
async function tellOverdue(session: Session, server: Server): Promise<void> {
  const schedule = scheduleOf(server);
  if (!schedule) return;
  const { lastGood } = await summarizeRuns(session.store(server));
  const overdue = overdueAt(schedule, lastGood, session.clock.now());
  if (!overdue) return;
  const due = new Date(overdue.due).toISOString();
  const good = new Date(overdue.lastGood).toISOString();
  session.output.result(
    `${server.name}  OVERDUE: was due at ${due}, the last good backup is of ${good}`,
    { event: 'overdue', server: server.name, due, lastGood: good },
  );
}

/** What verifications have found counts as well as what the manifest says. */
function statusOf({ status, damaged }: SnapshotSummary): SnapshotSummary['status'] {
  return damaged > 0 ? 'damaged' : status;
}

/** What is known of a snapshot beside its summary. */
interface About {
  readonly since: string | undefined;
  readonly isSuspicious: boolean;
}

function eventOf(
  server: string,
  snapshot: SnapshotSummary,
  { since, isSuspicious }: About,
): Record<string, unknown> {
  const { id, totals, pinned, safety, note, damaged } = snapshot;
  return {
    ...{ event: 'snapshot', server, snapshot: id, status: statusOf(snapshot) },
    ...{ files: totals?.files ?? 0, bytes: totals?.bytes ?? 0, pinned },
    ...(safety && { safety: true }),
    ...(note !== undefined && { note }),
    ...(damaged > 0 && { damagedFiles: damaged }),
    ...(since !== undefined && { provenSince: since }),
    ...(isSuspicious && { suspicious: true }),
  };
}

function lineOf(server: string, snapshot: SnapshotSummary, about: About): string {
  const { id, totals, damaged } = snapshot;
  const size = totals
    ? `${countText(totals.files, 'file')}, ${bytesText(totals.bytes)}`
    : 'unknown';
  const skipped = totals && totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  const lost = damaged > 0 ? `, ${countText(damaged, 'entry', 'entries')} damaged` : '';
  const since = about.since === undefined ? '' : `, proven since ${about.since.slice(0, 10)}`;
  const note = snapshot.note === undefined ? '' : `, "${shown(snapshot.note)}"`;
  const doubt = about.isSuspicious ? ', SUSPICIOUS' : '';
  const facts = `${size}${skipped}${doubt}${lost}${since}${pinOf(snapshot)}${note}`;
  return `${server}  ${id}  ${statusOf(snapshot).padEnd(10)}  ${facts}`;
}

function pinOf({ pinned, safety }: SnapshotSummary): string {
  if (safety) return ', what a restore overwrote';
  return pinned ? ', pinned' : '';
}
