import { daemonFamilies } from '../../src/cli/metrics/daemonPages';
import { metricFamilies } from '../../src/report/metrics/metricFamilies';

const clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() };

/** The names of all metrics that this program has. */
export const knownMetrics: readonly string[] = [
  ...metricFamilies,
  ...daemonFamilies({ clock, lastLook: () => 0, running: () => new Map() }),
].map(({ name }) => name);
