/** Thins out the snapshots of a server as its `keep` says. */
import type { Clock } from '../../base/clock';
import type { Server } from '../../model/configuration/server';
import {
  decideRetention,
  newestWhole,
  type Candidate,
  type Decision,
} from '../../model/retention/retention';
import type { Suspicion } from '../../model/retention/suspicion';
import type { SnapshotId } from '../../model/snapshotId';
import { freeingOf, type Freeing } from '../../store/freeing';
import { isManifestWhole } from '../../store/manifestFile';
import { discardSnapshots } from '../../store/removal';
import type { SnapshotSummary, Store } from '../../store/store';
import { judge, trustAll } from './guard';
import { neededSnapshots } from './neededSnapshots';

export interface RetentionOptions {
  readonly server: Server;
  readonly store: Store;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** What would become of each snapshot, and what that frees. */
export interface RetentionPlan {
  /** Newest first. */
  readonly decisions: readonly Decision[];
  readonly freeing: Freeing;
  /** What stops the retention: then everything stays. */
  readonly suspicions: readonly Suspicion[];
}

export interface RetentionResult extends RetentionPlan {
  readonly removed: readonly SnapshotId[];
  readonly freedBytes: number;
}

/** What was shown to the person who wants it applied. */
export interface ShownRetention extends RetentionOptions {
  /** Only these may go: whatever else a rule would let go by now, nobody has looked at. Absent: all. */
  readonly only?: ReadonlySet<SnapshotId>;
}

/**
 * Says of each snapshot whether it stays and why, newest first, without what it frees. Only reads, and
 * goes by what the guard has judged already.
 */
export async function explainRetention(options: RetentionOptions): Promise<readonly Decision[]> {
  const { server, store, clock, signal } = options;
  const isGuarded = server.unattended?.guard !== false;
  const suspicions = isGuarded ? await store.guard.open() : [];
  return stopped(await decide(server, store, clock.now(), signal), suspicions);
}

/** Says what would become of each snapshot. Removes nothing. */
export async function planRetention(options: RetentionOptions): Promise<RetentionPlan> {
  const { server, store, clock, signal } = options;
  const suspicions = await suspicionsOf(server, store);
  const now = clock.now();
  const decisions = stopped(await decide(server, store, now, signal), suspicions);
  const going = decisions.filter(({ keep }) => !keep).map(({ id }) => id);
  const freeing = await freeingOf(store, going, signal);
  return { decisions, freeing, suspicions };
}

/** As long as something is suspicious, everything stays. */
function stopped(
  decisions: readonly Decision[],
  [suspicion]: readonly Suspicion[],
): readonly Decision[] {
  if (!suspicion) return decisions;
  const reason = `retention stopped: ${suspicion.snapshot} is suspicious`;
  return decisions.map((one) => (one.keep ? one : { id: one.id, keep: true, reasons: [reason] }));
}

/**
 * Removes what no rule keeps: it is gone from the store, and waits in the trash. Throws `locked` while a
 * run is under way.
 */
export async function applyRetention(options: ShownRetention): Promise<RetentionResult> {
  const { store, clock, signal, only } = options;
  const plan = await planRetention(options);
  const unwanted = plan.decisions.filter(({ keep }) => !keep).map(({ id }) => id);
  const going = unwanted.filter((id) => only?.has(id) ?? true);
  const newest = plan.decisions.find(({ reasons }) => reasons.includes('newest complete'));
  const removed = await discardSnapshots(store, going, clock, signal, (id) => {
    // Since the plan was made a person may have pinned this one, or deleted the one that replaces it.
    const isReplaced = newest !== undefined && store.disk.stat(store.layout.manifest(newest.id));
    return isReplaced !== undefined && store.pins.of(id) === undefined;
  });
  const all = removed.length === unwanted.length;
  return { ...plan, removed, freedBytes: all ? plan.freeing.total : sum(plan.freeing, removed) };
}

async function suspicionsOf(server: Server, store: Store): Promise<readonly Suspicion[]> {
  if (server.unattended?.guard !== false) return judge(store);
  await trustAll(store);
  return [];
}

async function decide(
  server: Server,
  store: Store,
  now: number,
  signal: AbortSignal,
): Promise<Decision[]> {
  const { keep, timeZone } = server.unattended ?? {};
  const snapshots = await store.snapshots();
  const candidates = await withoutBroken(
    snapshots.map((one) => candidateOf(one, store)),
    store,
    now,
  );
  const first = decideRetention(candidates, keep, now, timeZone);
  const going = new Set(first.filter((one) => !one.keep).map(({ id }) => id));
  if (going.size === 0) return first;
  const kept = snapshots.filter(({ id }) => !going.has(id));
  const neededBy = await neededSnapshots(store, kept, going, signal);
  if (neededBy.size === 0) return first;
  const withNeeds = candidates.map((one) => ({ ...one, neededBy: neededBy.get(one.id) ?? [] }));
  return decideRetention(withNeeds, keep, now, timeZone);
}

/**
 * All others may go because of the newest whole one: it must be whole, as far as its manifest tells.
 * One that is not counts for damaged, and the next older one must be.
 */
async function withoutBroken(
  candidates: readonly Candidate[],
  store: Store,
  now: number,
): Promise<readonly Candidate[]> {
  const newest = newestWhole(candidates, now);
  if (newest === undefined) return candidates;
  if (await isManifestWhole(store.disk, store.layout.manifest(newest))) return candidates;
  const marked = candidates.map((one) =>
    one.id === newest ? { ...one, status: 'damaged' as const } : one,
  );
  return withoutBroken(marked, store, now);
}

function candidateOf({ id, status }: SnapshotSummary, store: Store): Candidate {
  const pin = store.pins.of(id);
  return { id, status, isHurt: store.damage.has(id), ...(pin && { pin }) };
}

function sum({ each }: Freeing, ids: readonly SnapshotId[]): number {
  return ids.reduce((bytes, id) => bytes + (each.get(id) ?? 0), 0);
}
