import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CommandLine } from './commandLine';

function site(line: CommandLine): string {
  const folder = path.join(line.workspace, 'site');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'index.php'), 'as it was');
  fs.writeFileSync(path.join(folder, 'other'), 'the same');
  line.configureServer({ protocol: 'local', include: [folder] });
  return folder;
}

it('gets a file back that was deleted on the server, in three lines', async () => {
  using line = new CommandLine();
  const folder = site(line);
  expect((await line.run(['backup', 'web'])).code).toBe(0);
  const file = path.join(folder, 'index.php');
  fs.rmSync(file);
  const planned = await line.run(['restore', 'web', 'latest', file, '--to-server', '--dry-run']);
  expect(planned).toMatchObject({ code: 0 });
  expect(planned.out).toContain(`create     ${file}`);
  expect(fs.existsSync(file)).toBe(false);
  const refused = await line.run(['restore', 'web', 'latest', file, '--to-server']);
  expect(refused.code).toBe(2);
  expect(refused.error).toContain('--yes');
  expect(fs.existsSync(file)).toBe(false);
  const done = await line.run(['restore', 'web', 'latest', file, '--to-server', '--yes', '--json']);
  expect(done.code).toBe(0);
  expect(fs.readFileSync(file, 'utf8')).toBe('as it was');
  expect(done.events).toEqual([
    { event: 'planned', path: file, action: 'create', size: 9 },
    expect.objectContaining({
      ...{ event: 'restored', server: 'web', target: 'local://', status: 'complete' },
      ...{ created: 1, overwritten: 0, same: 0, deleted: 0, failed: [], safetySnapshot: null },
    }),
  ]);
  const restores = path.join(line.backups, 'web', '.sauvegarde', 'restores');
  expect(
    fs
      .readdirSync(restores)
      .map((name) => path.extname(name))
      .sort(),
  ).toEqual(['.json', '.json', '.log', '.log']);
});

it('restores to another configured server, and keeps what it overwrites in the store of that one', async () => {
  using line = new CommandLine();
  const folder = site(line);
  const server = { protocol: 'local', include: [folder] };
  line.configure({ servers: { web: server, next: server } });
  await line.run(['backup', 'web']);
  fs.writeFileSync(path.join(folder, 'index.php'), 'somebody broke it');
  const done = await line.run(
    'restore web latest --to-server --as next --yes --verify --json'.split(' '),
  );
  expect(done.code).toBe(0);
  const { safetySnapshot, verified } = done.events.at(-1) as unknown as Record<string, unknown>;
  expect(verified).toBe(true);
  expect(fs.existsSync(path.join(line.backups, 'next', String(safetySnapshot)))).toBe(true);
  const latest = await line.run(['restore', 'next', 'latest', '--to-server', '--yes']);
  expect(latest.code).toBe(2);
});

it.each([
  ['no place', ['restore', 'web', 'latest']],
  ['two places', ['restore', 'web', 'latest', '--to', 'x', '--to-server']],
  ['--as without --to-server', ['restore', 'web', 'latest', '--to', 'x', '--as', 'web']],
  ['a choice that is none', ['restore', 'web', 'latest', '--to', 'x', '--overwrite', 'some']],
])('refuses %s', async (_case, args) => {
  using line = new CommandLine();
  site(line);
  expect((await line.run(args)).code).toBe(2);
});
