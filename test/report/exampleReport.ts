import type { RunReport } from '../../src/report/runReport';

/** Of an incomplete run. */
export const exampleReport: RunReport = {
  server: 'web',
  endpoint: 'sftp://u@h:22',
  snapshot: '2026-11-23T07-00-00Z',
  status: 'incomplete',
  started: '2026-11-23T07:00:00.000Z',
  finished: '2026-11-23T07:00:10.000Z',
  seconds: 10,
  files: 12,
  directories: 3,
  symlinks: 0,
  bytes: 12_000,
  fetchedFiles: 2,
  fetchedBytes: 2000,
  linkedFiles: 10,
  keptFiles: 0,
  receivedBytes: 5000,
  skipped: [{ path: '/a', kind: 'permission', message: 'Not allowed.' }],
  warnings: [],
  changes: {
    comparedWith: '2026-11-22T07-00-00Z',
    added: 1,
    changed: 1,
    removed: 0,
    paths: [
      { kind: 'added', path: '/new' },
      { kind: 'changed', path: '/old' },
    ],
  },
};
