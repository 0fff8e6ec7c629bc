import { describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { mailOf, type Mail } from '../../src/report/mail';
import { newsOfLateness, newsOfRun, type News } from '../../src/report/news';
import type { RunReport } from '../../src/report/runReport';
import { exampleReport } from './exampleReport';

const addresses = {
  from: { address: 'backup@example.org', name: '' },
  to: [{ address: 'ops@example.org', name: '' }],
  smtp: { host: 'h', port: 25, security: 'none' },
} as const;

const news = (changes: Partial<RunReport> = {}): News =>
  newsOfRun({ ...exampleReport, ...changes }, undefined, english);

const mail = (changes: Partial<RunReport> = {}): Mail => mailOf(news(changes), addresses);

const failed = {
  status: 'failed',
  files: 0,
  skipped: [],
  error: { kind: 'connection', message: 'The host is gone.' },
} as const;

describe('the news of a run', () => {
  it.each([
    [{ status: 'complete', files: 1, skipped: [] } as const, 'Backup success: web, 1 file', false],
    [{ files: 340 }, 'Backup incomplete: web, 340 files, 1 skipped', true],
    [{ files: 1204 }, 'Backup incomplete: web, 1,204 files, 1 skipped', true],
    [failed, 'Backup failure: web, 2 files fetched (connection)', true],
  ])('has a subject: %j', (changes, subject, isFailure) => {
    expect(news(changes)).toMatchObject({ subject, isFailure });
    expect(mail(changes).subject).toBe(subject);
  });

  it('is posted as the report, with a line of text and the number of skipped entries', () => {
    const { body } = news();
    expect(body).toEqual({
      ...exampleReport,
      event: 'finished',
      text: 'Backup incomplete: web, 12 files, 1 skipped',
      skippedCount: 1,
    });
  });

  it('posts no endless list', () => {
    const skipped = Array.from({ length: 5000 }, () => exampleReport.skipped[0]!);
    const { body } = news({ skipped });
    expect(body).toMatchObject({ skippedCount: 5000 });
    expect(body['skipped']).toHaveLength(1000);
  });

  it('has the log with it', () => {
    const { attachment } = newsOfRun(exampleReport, Buffer.from('a log'), english);
    expect(attachment).toEqual({
      name: 'web-2026-11-23T07-00-00Z.log',
      content: Buffer.from('a log'),
    });
  });
});

describe('the mail of a run', () => {
  it('says in text what was skipped and why, and what changed', () => {
    const { text } = mail();
    expect(text).toContain('Incomplete: one entry could not be read.');
    expect(text).toContain('2026-11-23 07:00:00 UTC');
    expect(text).toContain('  /a\n      Not allowed. (permission)\n');
    expect(text).toContain(
      'Changes since 2026-11-22T07-00-00Z\n1 added, 1 changed, 0 removed\n\n  + /new\n  ~ /old\n',
    );
  });

  it('says in HTML what was skipped and why, and what changed', () => {
    const { html } = mail();
    expect(html).toContain('<li><code>/a</code>: Not allowed. (permission)</li>');
    expect(html).toContain('<p>1 added, 1 changed, 0 removed</p>');
    expect(html).toContain('<li><strong>+</strong> <code>/new</code></li>');
  });

  it('says why a run failed', () => {
    expect(mail(failed).text).toContain('connection: The host is gone.');
    expect(mail(failed).html).toContain('<strong>connection</strong>: The host is gone.');
  });

  it('takes no name of the server for markup, a line or a header', () => {
    const evil = '/a\r\nBcc: x@y\n\n<img src="http://evil/">&amp;\u202e\u0085\ud800';
    const changes = {
      comparedWith: '2026-11-22T07-00-00Z',
      ...{ added: 1, changed: 0, removed: 0 },
      paths: [{ kind: 'added', path: evil } as const],
    };
    const skipped = [{ path: evil, kind: 'protocol' as const, message: evil }];
    const { subject, text, html } = mail({ skipped, changes, warnings: skipped });
    expect(subject).toBe('Backup incomplete: web, 12 files, 1 skipped');
    expect(text).not.toMatch(/^Bcc/m);
    expect(text).not.toMatch(/[\r\u202e\u0085\ud800]/);
    expect(html).not.toContain('<img');
    expect(html).not.toMatch(/[\r\u202e\u0085\ud800]/);
    expect(html).toContain('&lt;img src=&quot;http://evil/&quot;&gt;&amp;amp;');
  });

  it('ends long lists with the number that is left out', () => {
    const skipped = Array.from({ length: 800 }, () => exampleReport.skipped[0]!);
    expect(mail({ skipped }).text).toContain('… and 300 more: see the log.');
    expect(mail({ skipped }).html).toContain('<p>… and 300 more: see the log.</p>');
  });
});

describe('the news of an overdue server', () => {
  const file = '{"servers": {"web": {"protocol": "local", "include": ["/x"]}}}';
  const server = parseConfiguration(file, '/w').configuration!.servers.get('web')!;
  const due = Date.UTC(2026, 10, 24, 7);

  it('says since when', () => {
    const late = newsOfLateness(server, { due, lastGood: due - 86_400_000 }, english);
    expect(late.subject).toBe('Backup overdue: web, the last good one is of 2026-11-23 07:00 UTC');
    expect(late.isFailure).toBe(true);
    expect(late.body).toEqual({
      event: 'overdue',
      text: late.subject,
      server: 'web',
      endpoint: 'local://',
      due: '2026-11-24T07:00:00.000Z',
      lastGood: '2026-11-23T07:00:00.000Z',
    });
    const { text } = mailOf(late, addresses);
    expect(text).toContain('The last good backup is older than the schedule allows.');
    expect(text).toMatch(/Was due +2026-11-24 07:00:00 UTC/);
  });

  it('says that there is none', () => {
    const late = newsOfLateness(server, { due, lastGood: undefined }, english);
    expect(late.body).toMatchObject({ lastGood: null });
    expect(mailOf(late, addresses).text).toMatch(/Last good backup +none yet/);
  });
});
