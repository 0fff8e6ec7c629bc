import { describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { outlineDocument } from '../../src/report/reportDocument';
import { reportOutline } from '../../src/report/reportOutline';
import type { RunReport } from '../../src/report/runReport';
import { exampleReport as report } from './exampleReport';

function documentOf(told: RunReport): string {
  return outlineDocument(reportOutline(told, english));
}

describe('the report as a document', () => {
  it('says what was skipped and why, what changed, and how fast it was', () => {
    const text = documentOf(report);
    expect(text).toContain('**Incomplete: one entry could not be read.**');
    expect(text).toContain('- `/a`: Not allowed. (permission)');
    expect(text).toContain('1 added, 1 changed, 0 removed');
    expect(text).toContain('- **+** `/new`');
    expect(text).toContain('500 B/s');
  });

  it('names why a run failed', () => {
    const error = { kind: 'host-key', message: 'The key changed.' } as const;
    const text = documentOf({ ...report, status: 'failed', error });
    expect(text).toContain('> **host-key**: The key changed.');
  });

  it('lets no name of the server become markup, a link or a command', () => {
    const evil = '[x](command:evil)`` ` ```\n# h <img src=x>|\u202e';
    const skipped = [{ path: `/${evil}`, kind: 'protocol' as const, message: evil }];
    const text = documentOf({ ...report, skipped });
    const line = text.split('\n').find((found) => found.includes('evil'))!;
    expect(line).toMatch(/^- ```` .* ````: /);
    expect(line).toContain(String.raw`\[x\]\(command:evil\)`);
    expect(text).not.toMatch(/^# h/m);
    expect(text).not.toContain('\u202e');
  });

  it('ends long lists with the number that is left out', () => {
    const skipped = Array.from({ length: 800 }, () => report.skipped[0]!);
    expect(documentOf({ ...report, skipped })).toContain('… and 300 more');
  });
});
