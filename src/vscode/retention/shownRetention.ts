import { systemClock } from '../../base/clock';
import { planRetention, type RetentionPlan } from '../../jobs/retention/retention';
import type { Server } from '../../model/configuration/server';
import type { Decision, Keep } from '../../model/retention/retention';
import type { SnapshotId } from '../../model/snapshotId';
import type { WorkspaceConfiguration } from '../workspaceConfiguration';

/** What a rule would do to the snapshots of one server. */
export interface ServerRetention {
  readonly kind: 'thinned';
  readonly server: Server;
  /** The rule; undefined: everything stays. */
  readonly keep: Keep | undefined;
  readonly plan: RetentionPlan;
  readonly decisions: readonly DecidedSnapshot[];
}

export interface DecidedSnapshot {
  readonly kind: 'decided';
  readonly server: string;
  readonly decision: Decision;
  /** Bytes that nothing else shares; of one that stays 0. */
  readonly frees: number;
}

export type RetentionElement = ServerRetention | DecidedSnapshot;

/** Finds out what a rule would do. Removes nothing, and writes no rule. */
export async function retentionOf(
  configuration: WorkspaceConfiguration,
  server: Server,
  keep: Keep | undefined,
  signal: AbortSignal,
): Promise<ServerRetention> {
  const { keep: _former, ...others } = server.unattended ?? {};
  const unattended = { ...others, ...(keep && { keep }) };
  const { server: own, store } = configuration.inFolder(server.name);
  const plan = await planRetention({
    ...{ server: { ...own, unattended }, store, clock: systemClock, signal },
  });
  const decisions = plan.decisions.map((decision) => ({
    ...({ kind: 'decided', server: server.name, decision } as const),
    frees: decision.keep ? 0 : (plan.freeing.each.get(decision.id) ?? 0),
  }));
  return { kind: 'thinned', server, keep, plan, decisions };
}

/** The snapshots that would go, newest first. */
export function goingOf({ decisions }: ServerRetention): readonly SnapshotId[] {
  return decisions.flatMap(({ decision: { keep, id } }) => (keep ? [] : [id]));
}
