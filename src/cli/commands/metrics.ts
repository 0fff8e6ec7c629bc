import path from 'node:path';
import { metricsOf } from '../../jobs/metrics/metricsOf';
import type { ServerMetrics } from '../../model/metrics/metrics';
import { countText } from '../../report/figures';
import { exitCode, type ExitCode } from '../exitCodes';
import type { Session } from '../session';
import { writeWholeFile } from '../wholeFile';

/**
 * `sauvegarde metrics [-o FILE.prom]`: how all servers stand in the text format of Prometheus, into a file
 * or to standard output; with `--json` a line for each server, and the text only into a file.
 */
export async function metricsCommand(session: Session, file?: string): Promise<ExitCode> {
  const { output, clock, signal } = session;
  const { configuration } = session.workspace;
  const metrics = await metricsOf({
    servers: [...configuration.servers.values()],
    destination: configuration.destination,
    storeOf: (server) => session.store(server),
    ...{ clock, signal },
  });
  for (const server of metrics.servers) output.event(eventOf(server));
  if (file === undefined && output.options.json) return exitCode.done;
  // Loaded here: no other command writes them.
  const { metricsText } = await import('../../report/metrics/metricsText');
  const text = await metricsText(metrics, { workspace: workspaceOf(session) });
  if (file === undefined) {
    await output.print(text);
    return exitCode.done;
  }
  const place = path.resolve(file);
  await writeWholeFile(place, text, 'The metrics');
  output.note(`${place}: ${countText(metrics.servers.length, 'server')}`);
  return exitCode.done;
}

/** Absolute path of the workspace folder, which stands at every metric. */
export function workspaceOf({ workspace }: Session): string {
  return path.dirname(path.dirname(workspace.file));
}

function eventOf({ name, nextDue, store }: ServerMetrics): Record<string, unknown> {
  const iso = (moment: number | undefined): string | undefined =>
    moment === undefined ? undefined : new Date(moment).toISOString();
  const next = { nextDue: iso(nextDue) };
  if (!store) return { event: 'metrics', server: name, readable: false, ...next };
  const { last, newest } = store;
  return {
    ...{ event: 'metrics', server: name, readable: true, ...next },
    ...(last && { lastRun: iso(last.finished), status: last.status }),
    ...(last && { seconds: (last.finished - last.started) / 1000 }),
    ...(last && { fetchedFiles: last.fetchedFiles, fetchedBytes: last.fetchedBytes }),
    ...(last && { skippedCount: last.skipped }),
    ...{ lastSuccess: iso(store.lastSuccess), overdue: store.isOverdue },
    ...(newest && { snapshot: newest.id, files: newest.files, bytes: newest.bytes }),
    ...{ snapshots: store.snapshots, storeBytes: store.bytes },
    ...{ provenSince: iso(store.provenSince), damaged: store.damaged },
    suspicious: store.suspicious,
  };
}
