import fs from 'node:fs';
import { expect, it } from 'vitest';
import { checkRules, testRules, type Scenario } from './promtool';

const rules = 'docs/prometheus-alerts.yml';
const where = 'job="j",instance="i",workspace="/w"';
const ofWeb = (name: string, more = ''): string =>
  `sauvegarde_${name}{${where},server="web"${more}}`;
const ofAll = (name: string): string => `sauvegarde_${name}{${where}}`;
const status = (name: string): string => ofWeb('last_run_status', `,status="${name}"`);
const failingCopy = ofWeb('copy_failing', ',copy="nas"');
const textfile = 'node_textfile_mtime_seconds{job="n",instance="i",file="/t/sauvegarde-site.prom"}';

/** Three hours and more than a day, in steps of five minutes. */
const soon = '3h';
const afterADay = '25h';
const steps = 320;
const always = (value: number): string => `${value}x${steps}`;
const clock = `0+300x${steps}`;

const well: Readonly<Record<string, string>> = {
  [`sauvegarde_build_info{${where},version="1"}`]: always(1),
  [ofWeb('next_run_timestamp_seconds')]: always(200_000),
  [ofWeb('last_snapshot_timestamp_seconds')]: always(0),
  [ofWeb('store_readable')]: always(1),
  [ofWeb('overdue')]: always(0),
  [status('complete')]: always(1),
  [status('incomplete')]: always(0),
  [status('failed')]: always(0),
  [ofWeb('suspicious_snapshots')]: always(0),
  [ofWeb('damaged_entries')]: always(0),
  [ofWeb('proven_timestamp_seconds')]: always(0),
  [failingCopy]: always(0),
  [ofAll('destination_size_bytes')]: always(1_000_000),
  // Falls so quickly that a week would do, but there is room: after a first backup that is so.
  [ofAll('destination_free_bytes')]: `900000-500x${steps}`,
  [ofAll('scheduler_last_look_timestamp_seconds')]: clock,
  [ofWeb('run_started_timestamp_seconds')]: clock,
  [textfile]: clock,
};

interface Trouble {
  readonly series?: Readonly<Record<string, string>>;
  /** Series that are missing. */
  readonly without?: readonly string[];
  readonly at?: string;
}

/** One for each alert of the file. */
const troubles: Readonly<Record<string, Trouble>> = {
  SauvegardeOverdue: { series: { [ofWeb('overdue')]: always(1) } },
  SauvegardeNeverBackedUp: {
    without: [ofWeb('last_snapshot_timestamp_seconds')],
    at: afterADay,
  },
  SauvegardeFailed: { series: { [status('failed')]: always(1) } },
  SauvegardeIncomplete: { series: { [status('incomplete')]: always(1) }, at: afterADay },
  SauvegardeSuspicious: { series: { [ofWeb('suspicious_snapshots')]: always(1) } },
  SauvegardeDamaged: { series: { [ofWeb('damaged_entries')]: always(3) } },
  SauvegardeUnproven: { series: { [ofWeb('proven_timestamp_seconds')]: always(-45 * 86_400) } },
  SauvegardeStoreUnreadable: {
    series: { [ofWeb('store_readable')]: always(0) },
    without: [ofWeb('last_snapshot_timestamp_seconds')],
  },
  SauvegardeCopyFailing: { series: { [failingCopy]: always(1) }, at: afterADay },
  SauvegardeDiskNearlyFull: {
    series: { [ofAll('destination_free_bytes')]: `290000-500x${steps}` },
  },
  SauvegardeRunTakesLong: {
    series: { [ofWeb('run_started_timestamp_seconds')]: always(-11 * 3600) },
  },
  SauvegardeSchedulerStopped: {
    series: { [ofAll('scheduler_last_look_timestamp_seconds')]: `0+300x20 6000x40` },
  },
  SauvegardeMetricsOld: { series: { [textfile]: `0+300x15 4500x40` } },
  SauvegardeMetricsMissing: { without: [`sauvegarde_build_info{${where},version="1"}`] },
};

it('the alert rules are rules, without anything that promtool would say against them', () => {
  expect(() => checkRules(rules)).not.toThrow();
});

it('each alert is raised by what it is for, and by nothing else', () => {
  const named = [...fs.readFileSync(rules, 'utf8').matchAll(/alert: (\w+)/g)];
  expect(named.map(([, name]) => name)).toEqual(Object.keys(troubles));
  const scenarios: Scenario[] = Object.entries(troubles).map(([alert, trouble]) => {
    const series = { ...well, ...trouble.series };
    const kept = Object.entries(series).filter(([name]) => !trouble.without?.includes(name));
    const at = trouble.at ?? soon;
    return { name: alert, series: Object.fromEntries(kept), at, firing: [alert] };
  });
  testRules(rules, [
    { name: 'all is well', series: well, at: afterADay, firing: [] },
    ...scenarios,
  ]);
});

it('what passes by itself raises nothing', () => {
  testRules(rules, [
    {
      name: 'a failure that the next attempt made good',
      series: { ...well, [status('failed')]: `0x20 1x10 0x40` },
      at: soon,
      firing: [],
    },
    {
      name: 'a copy that the run after the next one caught up',
      series: { ...well, [failingCopy]: `0x20 1x200 0x100` },
      at: afterADay,
      firing: [],
    },
    {
      name: 'a new server, an hour old',
      series: {
        ...well,
        [`sauvegarde_next_run_timestamp_seconds{${where},server="new"}`]: `_x20 0x40`,
      },
      at: soon,
      firing: [],
    },
  ]);
});
