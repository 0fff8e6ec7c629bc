import { describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { reportDocument } from '../../src/report/reportDocument';
import type { RunReport } from '../../src/report/runReport';

const report: RunReport = {
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

describe('the report as a document', () => {
  it('says what was skipped and why, what changed, and how fast it was', () => {
    const text = reportDocument(report, english);
    expect(text).toContain('**Incomplete: 1 entries could not be read.**');
    expect(text).toContain('- `/a`: Not allowed. (permission)');
    expect(text).toContain('1 added, 1 changed, 0 removed');
    expect(text).toContain('- **+** `/new`');
    expect(text).toContain('500 B/s');
  });

  it('names why a run failed', () => {
    const error = { kind: 'host-key', message: 'The key changed.' } as const;
    const text = reportDocument({ ...report, status: 'failed', error }, english);
    expect(text).toContain('> **host-key**: The key changed.');
  });

  it('lets no name of the server become markup, a link or a command', () => {
    const evil = '[x](command:evil)`` ` ```\n# h <img src=x>|\u202e';
    const skipped = [{ path: `/${evil}`, kind: 'protocol' as const, message: evil }];
    const text = reportDocument({ ...report, skipped }, english);
    const line = text.split('\n').find((found) => found.includes('evil'))!;
    expect(line).toMatch(/^- ```` .* ````: /);
    expect(line).toContain(String.raw`\[x\]\(command:evil\)`);
    expect(text).not.toMatch(/^# h/m);
    expect(text).not.toContain('\u202e');
  });

  it('ends long lists with the number that is left out', () => {
    const skipped = Array.from({ length: 800 }, () => report.skipped[0]!);
    expect(reportDocument({ ...report, skipped }, english)).toContain('… and 300 more');
  });
});
