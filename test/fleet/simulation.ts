import { startsAt } from './clusterClock';
import { startTimes } from '../../src/jobs/handover/kubernetes/startTimes';
import { startingDeadline } from '../../src/jobs/handover/kubernetes/deadlines';
import { graceOf } from '../../src/model/schedule/overdue';
import { Schedule } from '../../src/model/schedule/schedule';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** What a fleet goes through. */
export interface Trial {
  readonly servers: number;
  readonly days: number;
  /** Whether runs are spread, or all begin when they are due. */
  readonly isSpread: boolean;
  readonly seed: number;
}

export interface Outcome {
  readonly due: number;
  readonly made: number;
  /** Due moments that passed without a backup before the next one was due. */
  readonly missed: number;
  /** Runs that failed in all their attempts. */
  readonly failed: number;
  /** On days without an outage. */
  readonly mostAtOnce: number;
  readonly mostAtOnceInOutages: number;
  readonly mostStartsInAMinute: number;
  /** Milliseconds from a due moment to the start that took care of it, of all that did not fall into an outage. */
  readonly latestStart: number;
  /** The same, of all. */
  readonly latestStartInOutages: number;
  /** How often a server was overdue. */
  readonly overdue: number;
}

/** Eight in ten at 7 or at 2 in the night, as people choose them; the others at all times. */
const usual = [
  '0 7 * * *',
  '0 7 * * *',
  '0 7 * * *',
  '0 7 * * *',
  '0 2 * * *',
  '0 2 * * *',
  '0 2 * * *',
  '0 2 * * *',
  '30 6 * * 1-5',
  '15 */6 * * *',
];
const begin = Date.UTC(2026, 2, 10);
/** Eight hours in which the cluster starts nothing, three in which no server can be reached. */
const noController = { from: begin + 5 * day + 3 * hour, to: begin + 5 * day + 11 * hour };
const noNetwork = { from: begin + 9 * day + 5 * hour, to: begin + 9 * day + 8 * hour };
const attempts = [0, 2, 12, 42].map((after) => after * minute);

/** A month of a fleet in Paris, in which clocks are set forward, as Kubernetes would run what we export. */
export function simulate({ servers, days, isSpread, seed }: Trial): Outcome {
  const random = generator(seed);
  const zone = 'Europe/Paris';
  const plans = Array.from({ length: servers }, (_none, number) => ({
    name: `site-${String(number).padStart(4, '0')}`,
    schedule: parsed(usual[number % usual.length] ?? '', zone),
  }));
  const starts = startTimes(plans, zone);
  const fleet = plans.map((plan) => {
    const together = startTimes([plan], zone);
    const expression = (isSpread ? starts : together).get(plan.name) ?? '';
    const { schedule } = plan;
    // Most take minutes, some take hours: as a logarithm, about normal.
    const usually = Math.min(3 * hour, 2 * minute * Math.exp(1.1 * normal(random)));
    return runsOf(schedule, { expression, zone, usually, days, random });
  });
  return outcomeOf(fleet.flat(), fleet);
}

interface Run {
  readonly due: number;
  readonly start: number;
  readonly end: number;
  readonly isGood: boolean;
  readonly isInOutage: boolean;
  readonly isMissed: boolean;
  readonly isOverdue: boolean;
}

interface Habit {
  /** When the CronJob starts it, and in which zone. */
  readonly expression: string;
  readonly zone: string;
  readonly usually: number;
  readonly days: number;
  readonly random: () => number;
}

function runsOf(schedule: Schedule, habit: Habit): Run[] {
  const { usually, days, random } = habit;
  const found: Run[] = [];
  let busyUntil = begin;
  let due = schedule.nextAfter(begin) ?? Infinity;
  while (due < begin + days * day) {
    const next = schedule.nextAfter(due) ?? Infinity;
    const start = startFor(due, schedule, habit, busyUntil);
    const isInOutage = isWithin(due, noController) || isWithin(start, noNetwork);
    if (start >= next) {
      found.push({
        due,
        start,
        end: start,
        isGood: false,
        isInOutage,
        isMissed: true,
        isOverdue: true,
      });
    } else {
      const run = attempted(start, usually * (0.7 + 0.6 * random()), random);
      busyUntil = run.end;
      const isOverdue = !run.isGood || run.end > due + graceOf(schedule, due);
      found.push({ due, start, ...run, isInOutage, isMissed: false, isOverdue });
    }
    due = next;
  }
  return found;
}

/** When the controller starts a job that is not under way: at its time, or within its deadline once it can again. */
function startFor(
  due: number,
  schedule: Schedule,
  { expression, zone }: Habit,
  busyUntil: number,
): number {
  let at = nextStart(expression, zone, due);
  for (;;) {
    const possible = Math.max(at, isWithin(at, noController) ? noController.to : at, busyUntil);
    if (possible - at <= startingDeadline(schedule, at) * 1000) return possible;
    at = nextStart(expression, zone, at + minute);
  }
}

function nextStart(expression: string, zone: string, from: number): number {
  let at = Math.ceil(from / minute) * minute;
  while (!startsAt(expression, zone, at)) at += minute;
  return at;
}

/** One attempt in fifty finds nobody. */
function attempted(start: number, length: number, random: () => number) {
  let end = start;
  for (const after of attempts) {
    end = start + after;
    if (isWithin(end, noNetwork) || random() < 0.02) continue;
    return { end: end + length, isGood: true };
  }
  return { end, isGood: false };
}

function outcomeOf(runs: readonly Run[], fleet: readonly (readonly Run[])[]): Outcome {
  const begun = runs.filter(({ isMissed }) => !isMissed);
  const lateness = (chosen: readonly Run[]): number =>
    Math.max(0, ...chosen.map(({ due, start }) => start - due));
  return {
    due: runs.length,
    made: begun.filter(({ isGood }) => isGood).length,
    missed: runs.length - begun.length,
    failed: begun.filter(({ isGood }) => !isGood).length,
    mostAtOnce: mostAtOnce(begun.filter(({ isInOutage }) => !isInOutage)),
    mostAtOnceInOutages: mostAtOnce(begun),
    mostStartsInAMinute: mostStarts(begun.filter(({ isInOutage }) => !isInOutage)),
    latestStart: lateness(begun.filter(({ isInOutage }) => !isInOutage)),
    latestStartInOutages: lateness(begun),
    overdue: fleet.flat().filter(({ isOverdue }) => isOverdue).length,
  };
}

function mostAtOnce(runs: readonly Run[]): number {
  const changes = runs.flatMap(({ start, end }) => [
    { at: start, by: 1 },
    { at: end, by: -1 },
  ]);
  changes.sort((a, b) => a.at - b.at || a.by - b.by);
  let now = 0;
  return Math.max(0, ...changes.map(({ by }) => (now += by)));
}

function mostStarts(runs: readonly Run[]): number {
  const each = new Map<number, number>();
  for (const { start } of runs) {
    const at = Math.floor(start / minute);
    each.set(at, (each.get(at) ?? 0) + 1);
  }
  return Math.max(0, ...each.values());
}

function isWithin(
  at: number,
  { from, to }: { readonly from: number; readonly to: number },
): boolean {
  return at >= from && at < to;
}

function parsed(text: string, timeZone: string): Schedule {
  const schedule = Schedule.parse(text, timeZone);
  if (!schedule) throw new Error(`${text} is no schedule`);
  return schedule;
}

/** From 0 to 1, the same for a seed (mulberry32). */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
