import { messageOf } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { SnapshotId } from '../../model/snapshotId';
import type { Environment } from '../../sources/environment';
import type { Mark } from '../../store/damageMarks';
import { Mender } from '../../store/mending';
import { recordedEntries } from '../../store/snapshotEntries';
import type { Store } from '../../store/store';
import type { openSource } from '../connect/openSource';
import { fetchAgain } from './fetchAgain';
import { lookElsewhere, lostContents, mendFiles, type LostContent } from './repair';
import type { DamageList, FoundDamage } from './verified';

export interface RepairContext {
  readonly server: Server;
  readonly store: Store;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  readonly open: typeof openSource;
}

/** So many damaged files are mended in one go, which costs a pass over all manifests. */
const atOnce = 10_000;

/**
 * Mends what it can of a snapshot: files too many are taken away, folders made, files put back from other
 * snapshots or fetched again. What the same damage concerns in other snapshots is mended with it, or
 * marked there. Only with the store's lock; the manifest must be intact.
 */
export async function repairSnapshot(
  context: RepairContext,
  id: SnapshotId,
  damages: DamageList,
): Promise<void> {
  const { store, signal } = context;
  const mender = await Mender.begin(store, signal);
  try {
    await repairPlaces(mender, id, damages.named);
    for (let start = 0; start < damages.named.length; start += atOnce) {
      const part = damages.named.slice(start, start + atOnce);
      await repairFiles(context, mender, await lostContents(store, id, part));
    }
    for await (const { entry } of recordedEntries(store, id)) mender.setTime(id, entry);
  } finally {
    await mender.finish();
  }
}

/** Marks in other snapshots what is another name of a file that is damaged here. */
export async function markElsewhere(
  store: Store,
  id: SnapshotId,
  damages: DamageList,
  signal: AbortSignal,
): Promise<void> {
  const lost = await lostContents(store, id, damages.named);
  for (const [digest, { inodes }] of lost) if (inodes.size === 0) lost.delete(digest);
  if (lost.size === 0) return;
  await lookElsewhere(store, lost, false, signal);
  for (const content of lost.values()) await markOthers(store, content);
}

async function repairPlaces(
  mender: Mender,
  id: SnapshotId,
  damages: readonly FoundDamage[],
): Promise<void> {
  for (const damage of damages) {
    if (damage.kind !== 'extra' || damage.local === undefined) continue;
    await mender.takeAway(id, damage.local);
    damage.repaired = true;
  }
  for (const damage of damages) {
    if (damage.entry?.type !== 'directory') continue;
    await mender.makeFolder(id, damage.entry);
    damage.repaired = true;
  }
}

async function repairFiles(
  context: RepairContext,
  mender: Mender,
  lost: ReadonlyMap<string, LostContent>,
): Promise<void> {
  if (lost.size === 0) return;
  const { store, signal } = context;
  await lookElsewhere(store, lost, true, signal);
  const mended: [SnapshotId, string][] = [];
  const mend = (content: LostContent): Promise<void> =>
    mendFiles(mender, content, ({ snapshot, entry }) => mended.push([snapshot, entry.path]));
  for (const content of lost.values()) await mend(content);
  const left = [...lost.values()].filter(({ intact }) => !intact);
  if (left.length > 0) await fetchFrom(context, mender, left);
  for (const content of left) await mend(content);
  await takeBackMarks(store, mended);
  for (const content of lost.values()) await markOthers(store, content);
}

/** A server that cannot be reached gives nothing back, and takes nothing from what was mended. */
async function fetchFrom(
  { server, store, environment, signal, open }: RepairContext,
  mender: Mender,
  left: readonly LostContent[],
): Promise<void> {
  try {
    await using source = await open(server, environment, signal);
    await fetchAgain(source, server, left, { store, mender }, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    for (const { damage } of left.flatMap(({ files }) => files)) {
      if (damage) damage.message ??= `The server could not be asked for it: ${messageOf(error)}`;
    }
    environment.log.warn(`Nothing could be fetched again: ${messageOf(error)}`);
  }
  for (const { intact, files } of left) {
    const message =
      'No other snapshot has this content, and the server has another version by now.';
    if (!intact) for (const { damage } of files) if (damage) damage.message ??= message;
  }
}

/** What lacks its content in snapshots that are not looked at now. */
async function markOthers(store: Store, { files, intact }: LostContent): Promise<void> {
  for (const { snapshot, entry, damage } of files) {
    if (damage || intact) continue;
    const known = await store.damage.of(snapshot);
    if (known.has(entry.path)) continue;
    const mark: Mark = { path: entry.path, kind: 'changed' };
    await store.damage.set(snapshot, [...known, mark]);
  }
}

async function takeBackMarks(
  store: Store,
  mended: readonly (readonly [SnapshotId, string])[],
): Promise<void> {
  for (const id of new Set(mended.map(([snapshot]) => snapshot))) {
    if (!store.damage.has(id)) continue;
    const paths = new Set(mended.filter(([snapshot]) => snapshot === id).map(([, path]) => path));
    const left = [...(await store.damage.of(id))].filter(({ path }) => !paths.has(path));
    await store.damage.set(id, left);
  }
}
