import { simulate, type Outcome, type Trial } from './simulation';

const minutes = (milliseconds: number): string => `${Math.round(milliseconds / 60_000)} min`;

const rows: readonly [string, (outcome: Outcome) => string | number][] = [
  ['runs due', ({ due }) => due],
  ['backups made', ({ made }) => made],
  ['runs that failed in all attempts', ({ failed }) => failed],
  ['due moments missed', ({ missed }) => missed],
  ['times that a server was overdue', ({ overdue }) => overdue],
  ['most runs at once, on usual days', ({ mostAtOnce }) => mostAtOnce],
  ['most runs at once, after an outage', ({ mostAtOnceInOutages }) => mostAtOnceInOutages],
  ['most starts in one minute, on usual days', ({ mostStartsInAMinute }) => mostStartsInAMinute],
  ['latest start after its time, on usual days', ({ latestStart }) => minutes(latestStart)],
  ['the same, with the outages', ({ latestStartInOutages }) => minutes(latestStartInOutages)],
];

/** A table of Markdown: a fleet as it is exported, and one that begins when it is due. */
export function figuresOf(trial: Omit<Trial, 'isSpread'>): string {
  const spread = simulate({ ...trial, isSpread: true });
  const together = simulate({ ...trial, isSpread: false });
  const lines = rows.map(([name, of]) => `| ${name} | ${of(spread)} | ${of(together)} |`);
  return ['| | as exported | all when due |', '| --- | ---: | ---: |', ...lines, ''].join('\n');
}
