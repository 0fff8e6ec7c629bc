import { randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from './commandLine';

let line: CommandLine;
/** A folder outside of the workspace folder. */
let outside: string;

beforeEach(() => {
  line = new CommandLine();
  outside = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-outside-'));
  const site = path.join(line.workspace, 'site');
  fs.mkdirSync(site);
  fs.writeFileSync(path.join(site, 'index.html'), 'hello');
  fs.utimesSync(path.join(site, 'index.html'), 1_700_000_000, 1_700_000_000);
  line.configureServer({ protocol: 'local', include: [site] });
});

afterEach(() => {
  line[Symbol.dispose]();
  fs.rmSync(outside, { recursive: true, force: true });
});

const snapshotsIn = (folder: string): string[] =>
  fs.existsSync(path.join(folder, 'web'))
    ? fs.readdirSync(path.join(folder, 'web')).filter((name) => /^\d{4}-/.test(name))
    : [];

describe('a destination that the workspace folder names', () => {
  const links: readonly (readonly [string, (outside: string) => void])[] = [
    ['is a link that leads out', (to) => fs.symlinkSync(to, line.backups)],
    [
      'is a link to what is not there yet',
      (to) => fs.symlinkSync(path.join(to, 'missing'), line.backups),
    ],
    [
      'lies behind a link that leads out',
      (to) => {
        fs.symlinkSync(to, path.join(line.workspace, 'link'));
        const site = path.join(line.workspace, 'site');
        const servers = { web: { protocol: 'local', include: [site] } };
        line.configure({ destination: 'link/below/backups', servers });
      },
    ],
    [
      'has a store that is such a link',
      (to) => {
        fs.mkdirSync(line.backups);
        fs.symlinkSync(to, path.join(line.backups, 'web'));
      },
    ],
    [
      'has such a link among the own files of a store',
      (to) => {
        const own = path.join(line.backups, 'web', '.sauvegarde');
        fs.mkdirSync(own, { recursive: true });
        fs.symlinkSync(to, path.join(own, 'trash'));
      },
    ],
    ['is a link to itself', () => fs.symlinkSync(line.backups, line.backups)],
  ];

  it.each(links)('is refused if it %s, and nothing is touched there', async (_what, link) => {
    const precious = path.join(outside, randomUUID());
    fs.writeFileSync(precious, 'mine');
    link(outside);
    for (const command of ['backup', 'list', 'prune', 'verify']) {
      const { code, events } = await line.run([command, '--json']);
      expect(code, command).toBe(2);
      expect(events[0]).toMatchObject({ event: 'error', kind: 'configuration' });
      expect(events[0]?.message).toContain('--destination');
    }
    expect(fs.readdirSync(outside)).toEqual([path.basename(precious)]);
  });

  it('may be a link that stays inside', async () => {
    fs.mkdirSync(path.join(line.workspace, 'kept'));
    fs.symlinkSync('kept', line.backups);
    expect((await line.run(['backup'])).code).toBe(0);
    expect(snapshotsIn(path.join(line.workspace, 'kept'))).toHaveLength(1);
  });

  it('is as good where the workspace folder itself is reached by a link', async () => {
    const link = path.join(outside, 'workspace');
    fs.symlinkSync(line.workspace, link);
    using linked = new CommandLine(link);
    linked.configureServer({ protocol: 'local', include: [path.join(line.workspace, 'site')] });
    expect((await linked.run(['backup'])).code).toBe(0);
    expect(snapshotsIn(line.backups)).toHaveLength(1);
    fs.rmSync(link);
  });
});

describe('a destination that the person names', () => {
  it.each([
    ['--destination', (to: string) => ({ args: ['--destination', to], env: {} })],
    ['the environment', (to: string) => ({ args: [], env: { SAUVEGARDE_DESTINATION: to } })],
  ])('by %s may lie anywhere, for every command', async (_how, named) => {
    const { args, env } = named(outside);
    expect((await line.run(['backup', ...args], { env })).code).toBe(0);
    const [id = ''] = snapshotsIn(outside);
    expect(fs.existsSync(line.backups)).toBe(false);
    const list = await line.run(['list', '--json', ...args], { env });
    expect(list.events[0]).toMatchObject({ event: 'snapshot', snapshot: id });
    expect((await line.run(['verify', ...args], { env })).code).toBe(0);
    const ls = await line.run(['ls', 'web', 'latest', '--json', ...args], { env });
    expect(ls.out).toContain('index.html');
  });

  it('by an option comes before the environment, and may be relative or in the home folder', async () => {
    const env = { SAUVEGARDE_DESTINATION: path.join(outside, 'environment') };
    await line.run(['backup', '--destination', path.join(outside, 'option')], { env });
    expect(snapshotsIn(path.join(outside, 'option'))).toHaveLength(1);
    expect(fs.existsSync(env.SAUVEGARDE_DESTINATION)).toBe(false);
    await line.run(['backup'], { env: { SAUVEGARDE_DESTINATION: '~/kept' } });
    expect(snapshotsIn(path.join(line.home, 'kept'))).toHaveLength(1);
    await line.run(['backup', '--destination', path.relative(process.cwd(), outside)]);
    expect(snapshotsIn(outside)).toHaveLength(1);
  });

  it('may be a link: whose disk it is, the person knows', async () => {
    fs.mkdirSync(path.join(outside, 'disk'));
    fs.symlinkSync(path.join(outside, 'disk'), path.join(outside, 'link'));
    const { code } = await line.run(['backup', '--destination', path.join(outside, 'link')]);
    expect(code).toBe(0);
    expect(snapshotsIn(path.join(outside, 'disk'))).toHaveLength(1);
  });
});
