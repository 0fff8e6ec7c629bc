import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { calendarOf, lastDays } from '../../src/model/overview/calendar';
import type { Overview, ServerOverview, Standing } from '../../src/model/overview/overview';
import type { RunFigures } from '../../src/model/overview/runFigures';
import { fromBytes, type RemotePath } from '../../src/model/remotePath';
import { snapshotIdAt } from '../../src/model/snapshotId';
import { fileLinks } from '../../src/report/overview/fileLinks';
import { overviewPage } from '../../src/report/overview/overviewPage';
import { Layout } from '../../src/store/layout';

const now = new Date(2026, 10, 30, 12).getTime();
const day = 86_400_000;
const days = lastDays(now, 90);
const links = fileLinks('/site/pages', (server) => new Layout(`/site/backups/${server}`));

const runs: readonly RunFigures[] = Array.from({ length: 12 }, (_none, index) => {
  const started = now - (12 - index) * day;
  const changes = { added: 10 + index, changed: 1000, removed: 0 };
  const status = index === 4 ? 'failed' : index === 5 ? 'incomplete' : 'complete';
  const id = snapshotIdAt(started);
  const fetched = { fetchedFiles: 1, fetchedBytes: 1, skipped: 0 };
  const bytes = 5e6 * (index + 1);
  return { id, status, started, finished: started, files: 1234, bytes, ...fetched, changes };
});

function serverOf(given: Partial<ServerOverview> = {}): ServerOverview {
  const newest = runs.at(-1)!;
  return {
    name: 'web-prod',
    standing: { state: 'good' },
    ...{ lastGood: newest.finished, newest, sizes: runs, changes: runs },
    days: calendarOf({ runs, first: 0, schedule: undefined, days, now }),
    folders: {
      biggest: [{ path: 'var/www/été <b>' as RemotePath, weight: 4_000_000 }],
      mostChanged: [{ path: fromBytes(Buffer.from([0xff, 0x2f, 0x23])), weight: 7 }],
    },
    kept: new Set([newest.id]),
    ...given,
  };
}

function page(servers: readonly ServerOverview[], language = 'en'): Promise<string> {
  const overview: Overview = { made: now, days, servers };
  return overviewPage(overview, { l10n: english, language, links });
}

it('needs nothing else: no script, and no address but those of links', async () => {
  const html = await page([serverOf()]);
  expect(html).not.toMatch(
    /<script|<link|<img|<iframe|<object|\ssrc=|url\(|@import|\son\w+=|\sstyle=/i,
  );
  expect(html).not.toMatch(/https?:/);
});

it('obeys only its own style', async () => {
  const html = await page([serverOf()]);
  const style = /<style>([^]*)<\/style>/.exec(html)?.[1] ?? '';
  const digest = createHash('sha256').update(style).digest('base64');
  expect(html).toContain(
    `content="default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'"`,
  );
});

it('leads from days, runs and folders to what stands on the disk beside it', async () => {
  const html = await page([serverOf()]);
  const id = runs.at(-1)!.id;
  const root = './../backups/web-prod';
  expect(html).toContain(`href="${root}/.sauvegarde/runs/${id}.json"`);
  expect(html).toContain(`href="${root}/${id}/"`);
  expect(html).toContain(`href="${root}/${id}/%FF/%23/"`);
  // The days of the calendar, the bars, and the same twice as tables.
  expect(html.split(`${root}/.sauvegarde/runs/${id}.json`)).toHaveLength(5);
});

it('has the same in tables as in charts', async () => {
  const html = await page([serverOf()]);
  const cells = [...html.matchAll(/<td>([^<]*)<\/td>/g)].map(([, text]) => text);
  for (const { bytes } of [runs.at(-1)!]) expect(cells).toContain(`${bytes / 1e6} MB`);
  for (const { changes } of runs) expect(cells).toContain(String(changes?.added));
  expect(html.match(/class="changed" d="M\d/g)).toHaveLength(1 + runs.length);
  expect(html).toContain('The last 90 days: 10 good, 1 incomplete, 1 failed, 78 without a run');
});

it('gives every chart a table, and every table heads and a caption', async () => {
  const html = await page([serverOf()]);
  const charts = html.match(/<svg class="(?:chart|calendar)" aria-hidden="true"/g) ?? [];
  expect(charts).toHaveLength(3);
  const tables = html.split('<table').slice(1);
  expect(tables).toHaveLength(5);
  for (const table of tables) {
    expect(table).toMatch(/^[^>]*><caption>[^<]+<\/caption><thead><tr><th scope="col">[^<]+/);
    expect(table).toContain('<th scope="row">');
  }
});

it('keyboards reach each report once: links of charts are for the mouse', async () => {
  const html = await page([serverOf()]);
  for (const [chart] of html.matchAll(/<svg class="(?:chart|calendar)"[^]*?<\/svg>/g)) {
    for (const [link] of chart.matchAll(/<a [^>]*>/g)) expect(link).toContain('tabindex="-1"');
  }
});

it('holds no name for markup, whatever it is', async () => {
  const hostile = fc.string({ unit: 'binary', maxLength: 40 });
  const some = fc.oneof(
    hostile,
    fc.constantFrom('"><script>alert(1)</script>', "' onload='x", '\u202e'),
  );
  const standing = some.map((text): Standing => ({ state: 'failed', reason: `${text}.` }));
  await fc.assert(
    fc.asyncProperty(some, standing, async (name, found) => {
      const folders = {
        biggest: [{ path: fromBytes(Buffer.from(name, 'utf8')), weight: 1 }],
        mostChanged: [],
      };
      const html = await page([serverOf({ name, standing: found, folders })]);
      const plain = await page([
        serverOf({
          standing: { state: 'failed', reason: 'x' },
          folders: { ...folders, biggest: [{ path: 'x' as RemotePath, weight: 1 }] },
        }),
      ]);
      const tags = (text: string): string[] =>
        [...text.matchAll(/<\/?(\w+)/g)].map(([, tag]) => tag!);
      expect(tags(html)).toEqual(tags(plain));
      expect(html).toMatch(/^[\n\x20-\x7e]*$/);
      // No attribute was ended early: quotes come in pairs within each tag.
      for (const [tag] of html.matchAll(/<[a-z][^>]*>/g))
        expect((tag.match(/"/g) ?? []).length % 2).toBe(0);
    }),
    { numRuns: 60 },
  );
});

it('is told apart by shape where colours are not seen', async () => {
  const html = await page([serverOf()]);
  const shapes = new Map(
    [...html.matchAll(/<path class="(good|incomplete|failed|missed)" d="M\d+ \d+([^"]*)"/g)].map(
      ([, state, shape]) => [state, shape],
    ),
  );
  expect(shapes.size).toBe(4);
  expect(new Set(shapes.values()).size).toBe(4);
});

it('of many servers, those in trouble are named at the top', async () => {
  const failed: Standing = { state: 'failed', reason: 'Nobody answers.' };
  const names = ['d', 'a', 'b', 'c'];
  const servers = names.map((name) =>
    serverOf({ name, ...(name === 'd' && { standing: failed }) }),
  );
  const html = await page(servers);
  expect(html).toContain(
    '<nav><h2>To be looked at</h2><ul><li><a href="#s0">d</a></li></ul></nav>',
  );
  expect(html).toContain('Nobody answers.');
});

it('says so if there is nothing to show', async () => {
  expect(await page([])).toContain('There is no server yet.');
  const none = days.slice(1).map(() => ({ state: 'none', runs: 0, failed: 0 }) as const);
  const empty = {
    name: 'new',
    standing: { state: 'never' },
    days: none,
    kept: new Set<string>(),
  } as const;
  const html = await page([{ ...empty, sizes: [], changes: [] }]);
  expect(html).toContain('never backed up');
  expect(html).not.toContain('<details>');
});

it('one run alone, without a byte, is drawn without a number that is none', async () => {
  const [one] = runs;
  const alone: RunFigures = { ...one!, bytes: 0, changes: { added: 0, changed: 0, removed: 0 } };
  const html = await page([serverOf({ sizes: [alone], changes: [alone], newest: alone })]);
  expect(html).not.toMatch(/NaN|Infinity|undefined/);
});

it('writes dates as the person does', async () => {
  expect(await page([serverOf()], 'fr')).toContain('29 nov. 2026');
  expect(await page([serverOf()], 'en-GB')).toContain('29 Nov 2026');
});
