/** What a person decides about single snapshots: pin, unpin, note, delete, accept. */
import { english } from '../../base/localization';
import { BackupError } from '../../base/errors';
import { judge } from '../../jobs/retention/guard';
import type { SnapshotId } from '../../model/snapshotId';
import { bytesText, countText } from '../../report/figures';
import { lossText } from '../../report/lossText';
import { freeingOf } from '../../store/freeing';
import { beingCopied, discardSnapshots, emptyTrash } from '../../store/removal';
import type { Store } from '../../store/store';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { selectServer } from '../selectServers';
import { selectSnapshot } from '../selectSnapshot';
import type { Session } from '../session';

/** `sauvegarde pin SERVER SNAPSHOT…`: no retention removes them any more. */
export async function pinCommand(
  session: Session,
  name: string,
  snapshots: readonly string[],
): Promise<ExitCode> {
  const { store, ids } = await select(session, name, snapshots);
  for (const id of ids) await store.pins.set(id, 'by-hand');
  for (const id of ids) tell(session, name, id, 'pinned');
  return exitCode.done;
}

/** `sauvegarde unpin SERVER SNAPSHOT…` */
export async function unpinCommand(
  session: Session,
  name: string,
  snapshots: readonly string[],
): Promise<ExitCode> {
  const { store, ids } = await select(session, name, snapshots);
  for (const id of ids) store.pins.remove(id);
  for (const id of ids) tell(session, name, id, 'unpinned');
  return exitCode.done;
}

/** `sauvegarde note SERVER SNAPSHOT [TEXT]`: without a text the note is removed. */
export async function noteCommand(
  session: Session,
  name: string,
  snapshot: string,
  text = '',
): Promise<ExitCode> {
  const { store, ids } = await select(session, name, [snapshot]);
  for (const id of ids) {
    await store.notes.set(id, text);
    const note = store.notes.of(id);
    const words = note === undefined ? 'has no note' : `"${shown(note)}"`;
    const event = { event: 'note', server: name, snapshot: id, ...(note && { note }) };
    session.output.result(`${name}  ${id}  ${words}`, event);
  }
  return exitCode.done;
}

/** `sauvegarde delete SERVER SNAPSHOT…`: all of them or, if one may not be deleted, none. */
export async function deleteCommand(
  session: Session,
  name: string,
  snapshots: readonly string[],
): Promise<ExitCode> {
  const { store, ids } = await select(session, name, snapshots);
  const pinned = ids.find((id) => store.pins.of(id) === 'by-hand');
  if (pinned !== undefined) {
    throw new BackupError(
      'configuration',
      `${pinned} is pinned. To delete it all the same: sauvegarde unpin ${name} ${pinned}`,
    );
  }
  const { total } = await freeingOf(store, ids, session.signal);
  const removed = await discardSnapshots(store, ids, session.clock, session.signal);
  session.output.result(
    `${name}: deleted ${countText(removed.length, 'snapshot')}, ${bytesText(total)} freed`,
    { event: 'pruned', server: name, removed, freedBytes: total },
  );
  await emptyTrash(store);
  const left = ids.find((id) => !removed.includes(id));
  if (left !== undefined) throw beingCopied(left);
  return exitCode.done;
}

/** `sauvegarde accept SERVER`: what the guard found suspicious is right. */
export async function acceptCommand(session: Session, name: string): Promise<ExitCode> {
  const server = selectServer(session.workspace.configuration, name);
  const store = session.store(server);
  const suspicions = server.unattended?.guard === false ? [] : await judge(store);
  for (const suspicion of suspicions) {
    store.guard.accept(suspicion.snapshot);
    session.output.result(
      `${name}  ${suspicion.snapshot}  accepted: ${lossText(suspicion, english)}`,
      { event: 'accepted', server: name, ...suspicion },
    );
  }
  if (suspicions.length === 0) session.output.note(`${name}: nothing is suspicious`);
  return exitCode.done;
}

async function select(
  session: Session,
  name: string,
  snapshots: readonly string[],
): Promise<{ store: Store; ids: SnapshotId[] }> {
  const store = session.store(selectServer(session.workspace.configuration, name));
  const ids = new Set<SnapshotId>();
  for (const wanted of snapshots) ids.add(await selectSnapshot(store, name, wanted));
  return { store, ids: [...ids] };
}

function tell(session: Session, server: string, snapshot: SnapshotId, what: string): void {
  session.output.result(`${server}  ${snapshot}  ${what}`, { event: what, server, snapshot });
}
