import type { PlannedAction } from '../../jobs/restore/plannedAction';
import type { PlanCounts } from '../../jobs/restore/planning';
import { absolute } from '../../model/remotePath';
import { bytesText, countText, durationText } from '../../report/figures';
import type { RestoreReport } from '../../report/restoreReport';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown, type Output } from '../output';

/** So many lines of a plan are printed for people; `--verbose` prints all. */
const mostPrinted = 200;

const marks = { create: '+', overwrite: '~', same: '=', delete: '-', impossible: '!' } as const;

/** A line for each entry that would change, or cannot be restored; with `--json` for every entry. */
export class PlanPrinting {
  readonly #output: Output;
  readonly #isResult: boolean;
  #printed = 0;

  /** @param isResult whether the plan is all that was asked for */
  constructor(output: Output, isResult: boolean) {
    this.#output = output;
    this.#isResult = isResult;
  }

  print({ action, entry, place, reason }: PlannedAction): void {
    const { json, verbose } = this.#output.options;
    const path = absolute(place);
    if (json) {
      const size = entry.size === undefined ? {} : { size: entry.size };
      const why = reason === undefined ? {} : { reason };
      this.#output.result('', { event: 'planned', path, action, ...why, ...size });
      return;
    }
    if (action === 'same' && !verbose) return;
    this.#printed += 1;
    const why = reason === undefined ? '' : `  (${shown(reason)})`;
    const words = `${marks[action]} ${action.padEnd(10)} ${shown(path)}${why}`;
    if (this.#printed <= mostPrinted || verbose) this.#print(words);
    else if (this.#printed === mostPrinted + 1) this.#print('… and more: --verbose lists all');
  }

  #print(words: string): void {
    if (this.#isResult) this.#output.result(words, {});
    else this.#output.note(words);
  }
}

export function wordsOfPlan(counts: PlanCounts): string {
  const { created, overwritten, same, deleted, impossible, newer, bytes } = counts;
  const parts = [
    `${created} to create`,
    `${overwritten} to overwrite${newer > 0 ? ` (${newer} of them newer than in the snapshot)` : ''}`,
    `${same} left alone`,
    `${deleted} to delete`,
    `${impossible} impossible`,
  ];
  return `${parts.join(', ')}; ${bytesText(bytes)} to write.`;
}

/** Prints what a restore came to. */
export function tellRestored(output: Output, report: RestoreReport): ExitCode {
  const { server, snapshot, target, created, overwritten, same, deleted, failed } = report;
  const { safetySnapshot, verified, status, seconds, warnings, failedCount } = report;
  const counts = { created, overwritten, same, deleted, failed };
  output.result(wordsOf(report), {
    event: 'restored',
    ...{ server, snapshot, target, ...counts },
    ...{ safetySnapshot, verified, status, seconds, warnings, failedCount },
  });
  return status === 'complete' ? exitCode.done : exitCode.skipped;
}

function wordsOf(report: RestoreReport): string {
  const { server, snapshot, target, created, overwritten, same, deleted } = report;
  const what = `${created} created, ${overwritten} overwritten, ${same} left alone, ${deleted} deleted`;
  const kept =
    report.safetySnapshot === null
      ? []
      : [
          `  What was overwritten or deleted is kept in snapshot ${report.safetySnapshot}. To undo: sauvegarde restore ${server} ${report.safetySnapshot} --to-server`,
        ];
  const left = report.failedCount - report.failed.length;
  return [
    `${server}: restore of ${snapshot} to ${target} is ${report.status}. ${what}; ` +
      `${bytesText(report.bytes)} written in ${durationText(report.seconds)}.` +
      (report.verified ? ' All of it was read back and is right.' : ''),
    ...kept,
    ...report.warnings.map((message) => `  note          ${shown(message)}`),
    ...report.failed.map(
      ({ path, kind, message }) => `  not restored  ${shown(path)} (${kind}): ${shown(message)}`,
    ),
    ...(left > 0 ? [`  … and ${countText(left, 'more', 'more')}: see the log.`] : []),
  ].join('\n');
}
