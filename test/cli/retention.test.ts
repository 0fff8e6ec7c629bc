import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CommandLine, type Result } from './commandLine';

interface Decision {
  readonly snapshot: string;
  readonly keep: boolean;
  readonly reasons: readonly string[];
  readonly frees: number;
}

/** A workspace with a local folder to back up, and snapshots of earlier days. */
class Site extends CommandLine {
  readonly data = path.join(this.workspace, 'data');

  constructor(server: Readonly<Record<string, unknown>> = {}) {
    super();
    fs.mkdirSync(this.data);
    for (let file = 0; file < 10; file += 1) this.write(`f${file}`, `content of ${file}`);
    this.configureServer({ protocol: 'local', include: [this.data], timeZone: 'UTC', ...server });
  }

  write(name: string, content: string): void {
    fs.writeFileSync(path.join(this.data, name), content);
  }

  get store(): string {
    return path.join(this.workspace, 'backups', 'web');
  }

  get snapshots(): string[] {
    const names = fs.readdirSync(path.join(this.store, '.sauvegarde', 'snapshots'));
    return names.map((name) => name.replace('.ndjson', '')).sort();
  }

  /** A complete run whose snapshot is then dated so many days ago. */
  async backUp(daysAgo: number): Promise<string> {
    const result = await this.run(['backup', '--json']);
    const made = finished(result).snapshot ?? '';
    const day = Date.now() - daysAgo * 86_400_000;
    const id = `${new Date(day).toISOString().slice(0, 10)}T07-00-00Z`;
    const own = path.join(this.store, '.sauvegarde');
    const manifest = path.join(own, 'snapshots', `${made}.ndjson`);
    const text = fs.readFileSync(manifest, 'utf8').replace(`"${made}"`, `"${id}"`);
    fs.writeFileSync(path.join(own, 'snapshots', `${id}.ndjson`), digestedAnew(text));
    fs.rmSync(manifest);
    fs.renameSync(path.join(this.store, made), path.join(this.store, id));
    fs.rmSync(path.join(own, 'inodes', made));
    return id;
  }
}

/** A manifest with the digest that its lines have now. */
function digestedAnew(text: string): string {
  const end = text.trimEnd().lastIndexOf('\n') + 1;
  const totals = JSON.parse(text.slice(end)) as Record<string, unknown>;
  const digest = createHash('sha256').update(text.slice(0, end)).digest('hex');
  return `${text.slice(0, end)}${JSON.stringify({ ...totals, digest })}\n`;
}

function finished(result: Result): Result['events'][number] {
  const found = result.events.find(({ event }) => event === 'finished');
  if (!found) throw new Error(`${result.out}${result.error}`);
  return found;
}

function decisions(result: Result): Decision[] {
  return result.events.filter(({ event }) => event === 'retention') as unknown as Decision[];
}

describe('prune', () => {
  it('says what stays and why, and what frees how much; then removes it', async () => {
    using site = new Site({ keep: { last: 1, within: '2d' } });
    const old = await site.backUp(9);
    const older = await site.backUp(10);
    site.write('f0', 'another content');
    const { snapshot: newest = '' } = finished(await site.run(['backup', '--json']));
    // Applied by itself after the complete run.
    expect(site.snapshots).toEqual([newest]);
    expect([old, older].some((id) => fs.existsSync(path.join(site.store, id)))).toBe(false);
    expect(fs.readdirSync(path.join(site.store, '.sauvegarde', 'trash'))).toEqual([]);
    const result = await site.run(['prune', '--json']);
    expect(result.code).toBe(0);
    expect(decisions(result)).toMatchObject([
      { snapshot: newest, keep: true, reasons: ['last 1', 'within 2d', 'newest complete'] },
    ]);
    expect(result.events.at(-1)).toEqual({
      event: 'pruned',
      server: 'web',
      removed: [],
      freedBytes: 0,
    });
  });

  it('tells the run what it removed, before the last line', async () => {
    using site = new Site({ keep: { last: 1 } });
    const old = await site.backUp(9);
    const { events, code } = await site.run(['backup', '--json']);
    expect(code).toBe(0);
    expect(events.map(({ event }) => event)).toEqual(['pruned', 'finished']);
    expect(events[0]).toMatchObject({ server: 'web', removed: [old] });
  });

  it('only says it with --dry-run', async () => {
    using site = new Site();
    const ids = [await site.backUp(3), await site.backUp(2), await site.backUp(1)];
    site.configureServer({ protocol: 'local', include: [site.data], keep: { daily: 1 } });
    const dry = await site.run(['prune', '--dry-run', '--json']);
    expect(decisions(dry).map(({ keep }) => keep)).toEqual([true, false, false]);
    expect(dry.events.some(({ event }) => event === 'pruned')).toBe(false);
    expect(site.snapshots).toEqual([...ids].sort());
    const words = await site.run(['prune', '--dry-run']);
    expect(words.out).toMatch(/web {2}\S+Z {2}keep {4}daily \S+, newest complete\n/);
    expect(words.out).toContain('would remove 2 snapshots');
    const { events } = await site.run(['prune', '--json']);
    expect(events.at(-1)).toMatchObject({ event: 'pruned', removed: ids.slice(0, 2).reverse() });
  });

  it('says of one server what is wrong, and goes on with the others', async () => {
    using site = new Site();
    await site.backUp(1);
    const server = { protocol: 'local', include: [site.data], keep: { last: 1 } };
    site.configure({ servers: { locked: server, web: server } });
    fs.mkdirSync(path.join(site.workspace, 'backups', 'locked', '.sauvegarde', 'snapshots'), {
      recursive: true,
    });
    const broken = path.join(site.workspace, 'backups', 'locked', '.sauvegarde', 'guard.json');
    fs.mkdirSync(broken);
    const manifests = path.join(site.workspace, 'backups', 'locked', '.sauvegarde', 'snapshots');
    fs.writeFileSync(path.join(manifests, '2026-01-01T07-00-00Z.ndjson'), '{}\n');
    const result = await site.run(['prune', '--json']);
    expect(result.code).toBe(1);
    expect(result.events.map(({ event }) => event)).toEqual(['error', 'retention', 'pruned']);
  });
});

describe('the guard', () => {
  it('stops the retention, is told, and lets it go on after accept', async () => {
    using site = new Site({ keep: { last: 1 } });
    const good = await site.backUp(5);
    for (let file = 0; file < 6; file += 1) fs.rmSync(path.join(site.data, `f${file}`));
    const run = await site.run(['backup', '--json']);
    const bad = finished(run).snapshot;
    const loss = { reason: 'files-lost', lost: 6, of: 10 };
    expect(run.events.map(({ event }) => event)).toEqual(['suspicious', 'finished']);
    expect(run.events[0]).toEqual({ event: 'suspicious', server: 'web', snapshot: bad, ...loss });
    expect(site.snapshots).toEqual([good, bad]);
    const stopped = await site.run(['prune', '--json']);
    expect(stopped.code).toBe(1);
    expect(stopped.events.map(({ event }) => event)).toEqual([
      'suspicious',
      'retention',
      'retention',
      'pruned',
    ]);
    expect(stopped.events.at(-1)).toMatchObject({ removed: [], freedBytes: 0 });
    expect((await site.run(['prune', '--dry-run'])).out).toContain(
      'would remove 0 snapshots and free 0 B',
    );
    expect((await site.run(['list'])).out).toContain(', SUSPICIOUS\n');
    expect((await site.run(['list', '--json'])).events).toMatchObject([
      { snapshot: bad, suspicious: true },
      { snapshot: good },
    ]);
    expect(site.snapshots).toEqual([good, bad]);
    const words = await site.run(['prune']);
    expect(words.out).toContain('SUSPICIOUS: 6 of 10 files are gone');
    expect(words.out).toContain('sauvegarde accept web');
    const accepted = await site.run(['accept', 'web', '--json']);
    expect(accepted.code).toBe(0);
    expect(accepted.events).toEqual([{ event: 'accepted', server: 'web', snapshot: bad, ...loss }]);
    expect(fs.readdirSync(path.join(site.store, '.sauvegarde', 'accepted'))).toEqual([bad]);
    await site.run(['prune']);
    expect(site.snapshots).toEqual([bad]);
  });

  it('is turned off by "guard": false', async () => {
    using site = new Site({ keep: { last: 1 }, guard: false });
    await site.backUp(5);
    for (let file = 0; file < 9; file += 1) fs.rmSync(path.join(site.data, `f${file}`));
    const { events } = await site.run(['backup', '--json']);
    expect(events.map(({ event }) => event)).toEqual(['pruned', 'finished']);
  });
});

describe('pin, unpin, delete', () => {
  it('pinned ones stay until they are unpinned, also when somebody would delete them', async () => {
    using site = new Site();
    const [first, second] = [await site.backUp(3), await site.backUp(2)];
    const newest = await site.backUp(1);
    expect((await site.run(['pin', 'web', first, second])).code).toBe(0);
    expect(fs.readFileSync(path.join(site.store, '.sauvegarde', 'pins', first), 'utf8')).toBe('');
    site.configureServer({ protocol: 'local', include: [site.data], keep: { last: 1 } });
    expect(decisions(await site.run(['prune', '--json'])).map(({ reasons }) => reasons)).toEqual([
      ['last 1', 'newest complete'],
      ['pinned'],
      ['pinned'],
    ]);
    const refused = await site.run(['delete', 'web', newest, first]);
    expect(refused.code).toBe(2);
    expect(refused.error).toContain(`sauvegarde unpin web ${first}`);
    expect(site.snapshots).toHaveLength(3);
    expect((await site.run(['list'])).out.split('\n')).toEqual([
      expect.not.stringContaining('pinned'),
      expect.stringMatching(/, pinned$/),
      expect.stringMatching(/, pinned$/),
      '',
    ]);
    await site.run(['unpin', 'web', first]);
    const deleted = await site.run(['delete', 'web', first, '--json']);
    expect(deleted.events).toEqual([
      { event: 'pruned', server: 'web', removed: [first], freedBytes: 0 },
    ]);
    expect(site.snapshots).toEqual([second, newest].sort());
  });

  it('deletes what a restore saved, but does not unpin it', async () => {
    using site = new Site();
    const [safety] = [await site.backUp(3), await site.backUp(1)];
    const pins = path.join(site.store, '.sauvegarde', 'pins');
    fs.mkdirSync(pins);
    fs.writeFileSync(path.join(pins, safety), 'before-restore');
    expect((await site.run(['unpin', 'web', safety])).code).toBe(2);
    expect((await site.run(['list'])).out).toContain(', what a restore overwrote\n');
    expect((await site.run(['delete', 'web', safety])).code).toBe(0);
    expect(site.snapshots).toHaveLength(1);
    expect(fs.readdirSync(pins)).toEqual([]);
  });

  it.each([
    ['a snapshot that is none', ['pin', 'web', '2020']],
    ['a server that is none', ['delete', 'wbe', 'latest']],
    ['no snapshot', ['delete', 'web']],
  ])('refuses %s', async (_what, args) => {
    using site = new Site();
    await site.backUp(1);
    expect((await site.run(args)).code).toBe(2);
    expect(site.snapshots).toHaveLength(1);
  });
});
