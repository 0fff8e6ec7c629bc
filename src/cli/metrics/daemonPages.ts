import { withDeadline } from '../../base/abort';
import type { Clock } from '../../base/clock';
import { ailmentOf } from '../../jobs/schedule/health';
import type { Metrics } from '../../model/metrics/metrics';
import type { MetricFamily } from '../../report/metrics/metricFamilies';
import { plainPage, type Page, type Pages } from './metricsServer';
import { recently } from './recently';

/** What the daemon says of itself. */
export interface WatchedDaemon {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  readonly takeMetrics: () => Promise<Metrics>;
  /** When the scheduler was last through with all servers, in monotonic milliseconds. */
  readonly lastLook: () => number;
  /** When each run that is under way began, in milliseconds since 1970. */
  readonly running: () => ReadonlyMap<string, number>;
  readonly trouble: (error: unknown) => void;
}

/** Milliseconds: whoever asks more often gets the same again. */
const lifetime = 5000;
/** Milliseconds for reading the stores. */
const longestReading = 20_000;

/** `/metrics` for Prometheus, `/healthz` for whatever starts the daemon again. */
export function daemonPages(daemon: WatchedDaemon): Pages {
  const metrics = recently(() => metricsPage(daemon), lifetime, daemon.clock);
  return new Map([
    ['/metrics', () => metrics().catch((error: unknown) => unavailable(daemon, error))],
    ['/healthz', () => Promise.resolve(healthPage(daemon))],
  ]);
}

async function metricsPage(daemon: WatchedDaemon): Promise<Page> {
  const { signal, workspace } = daemon;
  const taking = daemon.takeMetrics();
  const metrics = await withDeadline(taking, longestReading, 'reading the stores', signal);
  // Loaded here: only whoever is asked writes them.
  const { metricsText, metricsType } = await import('../../report/metrics/metricsText');
  const text = await metricsText(metrics, { workspace, further: daemonFamilies(daemon) });
  return { status: 200, type: metricsType, text };
}

/** The reason is for the log: it may name folders, and whoever asks is not known. */
function unavailable(daemon: WatchedDaemon, error: unknown): Page {
  daemon.trouble(error);
  return plainPage(503, 'The metrics could not be taken. The log of the daemon says why.');
}

function healthPage({ clock, lastLook }: WatchedDaemon): Page {
  const ailment = ailmentOf(lastLook(), clock.monotonic());
  return ailment === undefined ? plainPage(200, 'ok') : plainPage(503, ailment);
}

/** What is known of the daemon beside its servers. */
export function daemonFamilies({
  clock,
  lastLook,
  running,
}: Pick<WatchedDaemon, 'clock' | 'lastLook' | 'running'>): MetricFamily[] {
  return [
    {
      name: 'sauvegarde_scheduler_last_look_timestamp_seconds',
      help: 'When the daemon last looked at all servers for what is due.',
      samples: ({ taken }) => [
        { labels: {}, value: (taken - (clock.monotonic() - lastLook())) / 1000 },
      ],
    },
    {
      name: 'sauvegarde_run_started_timestamp_seconds',
      help: 'When the run that is under way in the daemon began; absent while there is none.',
      samples: () =>
        [...running()].map(([server, begun]) => ({ labels: { server }, value: begun / 1000 })),
    },
  ];
}
