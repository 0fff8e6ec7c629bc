import { hasSnapshot, type RunFigures } from './runFigures';

const mostChanges = 20;

/**
 * The last snapshot of each day (in UTC): what a line of the size over a year needs.
 * @param runs oldest first
 */
export function sizesToShow(runs: readonly RunFigures[]): RunFigures[] {
  const found = runs.filter(hasSnapshot);
  return found.filter(({ id }, index) => found[index + 1]?.id.slice(0, 10) !== id.slice(0, 10));
}

/**
 * The last runs of which it is known what had changed.
 * @param runs oldest first
 */
export function changesToShow(runs: readonly RunFigures[]): RunFigures[] {
  return runs.filter(({ changes }) => changes).slice(-mostChanges);
}

/**
 * At most so many of them: the last one of each stretch of time, and the very first.
 * @param runs oldest first
 */
export function thinned(runs: readonly RunFigures[], most: number): readonly RunFigures[] {
  const first = runs[0]?.started ?? 0;
  const stretch = ((runs.at(-1)?.started ?? 0) - first + 1) / (most - 1);
  const stretchOf = (run: RunFigures | undefined): number =>
    run ? Math.floor((run.started - first) / stretch) : Infinity;
  return runs.filter((run, index) => index === 0 || stretchOf(runs[index + 1]) !== stretchOf(run));
}

/**
 * The last one of each month in local time: of a long series, what a table has room for.
 * @param runs oldest first
 */
export function monthly(runs: readonly RunFigures[]): RunFigures[] {
  const monthOf = (run: RunFigures | undefined): number => {
    if (!run) return -1;
    const date = new Date(run.started);
    return 12 * date.getFullYear() + date.getMonth();
  };
  return runs.filter((run, index) => monthOf(runs[index + 1]) !== monthOf(run));
}
