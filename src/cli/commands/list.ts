import { summarizeRuns } from '../../jobs/history/runHistory';
import type { Server } from '../../model/configuration/server';
import { overdueAt } from '../../model/schedule/overdue';
import { scheduleOf } from '../../model/schedule/scheduleOf';
import { bytesText, countText } from '../../report/figures';
import { provenSince } from '../../store/proofs';
import type { SnapshotSummary } from '../../store/store';
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
    await tellOverdue(session, server);
    if (snapshots.length === 0) session.output.note(`${server.name}: no snapshot yet`);
    for (const snapshot of snapshots) {
      session.output.result(lineOf(server.name, snapshot, proven.get(snapshot.id)), {
        event: 'snapshot',
        server: server.name,
        snapshot: snapshot.id,
        status: statusOf(snapshot),
        files: snapshot.totals?.files ?? 0,
        bytes: snapshot.totals?.bytes ?? 0,
        pinned: snapshot.pinned,
        ...(snapshot.safety && { safety: true }),
        ...(snapshot.note !== undefined && { note: snapshot.note }),
        ...(snapshot.damaged > 0 && { damagedFiles: snapshot.damaged }),
        ...(proven.has(snapshot.id) && { provenSince: proven.get(snapshot.id) }),
      });
    }
  }
  return exitCode.done;
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

function lineOf(server: string, snapshot: SnapshotSummary, proven: string | undefined): string {
  const { id, totals, damaged } = snapshot;
  const size = totals
    ? `${countText(totals.files, 'file')}, ${bytesText(totals.bytes)}`
    : 'unknown';
  const skipped = totals && totals.skipped > 0 ? `, ${totals.skipped} skipped` : '';
  const lost = damaged > 0 ? `, ${countText(damaged, 'entry', 'entries')} damaged` : '';
  const since = proven === undefined ? '' : `, proven since ${proven.slice(0, 10)}`;
  const note = snapshot.note === undefined ? '' : `, "${shown(snapshot.note)}"`;
  const facts = `${size}${skipped}${lost}${since}${pinOf(snapshot)}${note}`;
  return `${server}  ${id}  ${statusOf(snapshot).padEnd(10)}  ${facts}`;
}

function pinOf({ pinned, safety }: SnapshotSummary): string {
  if (safety) return ', what a restore overwrote';
  return pinned ? ', pinned' : '';
}
