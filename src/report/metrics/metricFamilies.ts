import type { Metrics, ServerMetrics, StoreMetrics } from '../../model/metrics/metrics';
import type { CopyOverview } from '../../model/overview/overview';

/** One value of a metric. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A metric as Prometheus knows it, named as its naming guide says: base units, no rates, no ages. */
export interface MetricFamily {
  readonly name: string;
  /** What it is, in one sentence. */
  readonly help: string;
  readonly samples: (metrics: Metrics) => readonly Sample[];
}

const runStates = ['complete', 'incomplete', 'failed'] as const;

/** All that is told of the servers and of the disk under them. */
export const metricFamilies: readonly MetricFamily[] = [
  {
    name: 'sauvegarde_build_info',
    help: 'The version of the program that took these metrics; always 1.',
    samples: ({ version }) => [{ labels: { version }, value: 1 }],
  },
  ofDisk('destination_size_bytes', 'Size of the disk that the backups are on.', 'total'),
  ofDisk('destination_free_bytes', 'What may still be written to that disk.', 'free'),
  {
    name: 'sauvegarde_server_info',
    help: 'A configured server; always 1.',
    samples: ({ servers }) =>
      servers.map(({ name, protocol }) => ({ labels: { server: name, protocol }, value: 1 })),
  },
  ofServer(
    'next_run_timestamp_seconds',
    'When the schedule of the server comes next; absent without one.',
    ({ nextDue }) => seconds(nextDue),
  ),
  ofServer(
    'store_readable',
    'Whether the backups of the server can be read: 0 means that nothing else is known of it.',
    ({ store }) => Number(store !== undefined),
  ),
  ...ofLastRun(),
  ofStore(
    'last_success_timestamp_seconds',
    'When the last complete backup was finished; absent without one.',
    ({ lastSuccess }) => seconds(lastSuccess),
  ),
  ofStore(
    'last_snapshot_timestamp_seconds',
    'When the newest snapshot was finished, also if something was skipped: what overdue goes by.',
    ({ lastGood }) => seconds(lastGood),
  ),
  ofStore(
    'overdue',
    'Whether the newest snapshot is older than the schedule and the time of a run allow.',
    ({ isOverdue }) => Number(isOverdue),
  ),
  ofStore(
    'snapshot_files',
    'Files in the newest snapshot that is there.',
    ({ newest }) => newest?.files,
  ),
  ofStore('snapshot_bytes', 'Bytes of the files in it.', ({ newest }) => newest?.bytes),
  ofStore('snapshots', 'Snapshots that are there.', ({ snapshots }) => snapshots),
  ofStore(
    'store_bytes',
    'What the snapshots hold at least, with what they share counted once.',
    ({ bytes }) => bytes,
  ),
  ofStore(
    'proven_timestamp_seconds',
    'Since when all of a snapshot is read again and found right; absent if that is so of none.',
    ({ provenSince }) => seconds(provenSince),
  ),
  ofStore(
    'damaged_entries',
    'Files and folders in the snapshots that are known to be damaged.',
    ({ damaged }) => damaged,
  ),
  ofStore(
    'suspicious_snapshots',
    'Snapshots with an implausible loss that nobody has accepted: retention stands still.',
    ({ suspicious }) => suspicious,
  ),
  ofCopy(
    'copied_timestamp_seconds',
    'When the newest snapshot came into the off-site copy; absent if none did.',
    ({ copied }) => seconds(copied),
  ),
  ofCopy(
    'proven_timestamp_seconds',
    'When a part of the off-site copy was last brought back and found right; absent if never.',
    ({ proven }) => seconds(proven),
  ),
  ofCopy(
    'failing',
    'Whether the last attempt to copy failed, or something was found wrong in the copy.',
    ({ trouble }) => Number(trouble !== undefined),
  ),
];

/** Of the last run that came to an end by itself, failed ones included. */
function ofLastRun(): MetricFamily[] {
  return [
    ofStore(
      'last_run_timestamp_seconds',
      'When the last run ended, however it went; cancelled ones do not count.',
      ({ last }) => seconds(last?.finished),
    ),
    {
      name: 'sauvegarde_last_run_status',
      help: 'How the last run went: 1 for the status that it had, 0 for the others.',
      samples: ({ servers }) =>
        servers.flatMap(({ name, store }) =>
          store?.last
            ? runStates.map((status) => ({
                labels: { server: name, status },
                value: Number(store.last?.status === status),
              }))
            : [],
        ),
    },
    ofStore('last_run_duration_seconds', 'How long the last run took.', ({ last }) =>
      last ? Math.max(0, last.finished - last.started) / 1000 : undefined,
    ),
    ofStore(
      'last_run_fetched_files',
      'Files that the last run fetched from the server.',
      ({ last }) => last?.fetchedFiles,
    ),
    ofStore('last_run_fetched_bytes', 'Bytes of those files.', ({ last }) => last?.fetchedBytes),
    ofStore(
      'last_run_skipped_entries',
      'Files and folders that the last run could not read.',
      ({ last }) => last?.skipped,
    ),
  ];
}

function ofCopy(
  name: string,
  help: string,
  valueOf: (copy: CopyOverview) => number | undefined,
): MetricFamily {
  return {
    name: `sauvegarde_copy_${name}`,
    help,
    samples: ({ servers }) =>
      servers.flatMap(({ name: server, store }) =>
        (store?.copies ?? []).flatMap((copy) => {
          const value = valueOf(copy);
          return value === undefined ? [] : [{ labels: { server, copy: copy.name }, value }];
        }),
      ),
  };
}

function ofDisk(name: string, help: string, field: 'free' | 'total'): MetricFamily {
  return {
    name: `sauvegarde_${name}`,
    help,
    samples: ({ space }) => (space ? [{ labels: {}, value: space[field] }] : []),
  };
}

function ofServer(
  name: string,
  help: string,
  valueOf: (server: ServerMetrics) => number | undefined,
): MetricFamily {
  return {
    name: `sauvegarde_${name}`,
    help,
    samples: ({ servers }) =>
      servers.flatMap((server) => {
        const value = valueOf(server);
        return value === undefined ? [] : [{ labels: { server: server.name }, value }];
      }),
  };
}

function ofStore(
  name: string,
  help: string,
  valueOf: (store: StoreMetrics) => number | undefined,
): MetricFamily {
  return ofServer(name, help, ({ store }) => store && valueOf(store));
}

function seconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined ? undefined : milliseconds / 1000;
}
