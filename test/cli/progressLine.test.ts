import { expect, it } from 'vitest';
import { progressText } from '../../src/cli/progressLine';
import { RunProgress } from '../../src/model/progress';

function progress(values: Partial<RunProgress>): RunProgress {
  return Object.assign(new RunProgress(), { phase: 'running' }, values);
}

it.each([
  [progress({ phase: 'connecting' }), 0, 'web: connecting…'],
  [
    progress({
      entries: 120,
      wantedFiles: 80,
      fetchedFiles: 3,
      fetchedBytes: 2e6,
      wantedBytes: 9e6,
    }),
    5e5,
    'web: 120 found, files 3/80+, 2.0 MB of 9.0 MB, 500 kB/s',
  ],
  [
    progress({
      entries: 500,
      scanned: true,
      wantedFiles: 80,
      fetchedFiles: 40,
      fetchedBytes: 4e6,
      wantedBytes: 9e6,
      skipped: 2,
    }),
    5e5,
    'web: 500 found, files 40/80, 4.0 MB of 9.0 MB, 500 kB/s, 10 s left, 2 skipped',
  ],
  [progress({ phase: 'publishing' }), 0, 'web: finishing the snapshot…'],
])('says how far a run is', (state, rate, line) => {
  expect(progressText('web', state, rate)).toBe(line);
});
