import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CommandLine } from './commandLine';

class Sites extends CommandLine {
  readonly data = path.join(this.workspace, 'data');

  constructor() {
    super();
    fs.mkdirSync(path.join(this.data, 'big'), { recursive: true });
    fs.mkdirSync(path.join(this.data, 'busy'));
    this.write('big/film', 'x'.repeat(9000));
    this.write('busy/one', '1');
    this.write('busy/two', '2');
    const web = { protocol: 'local', include: [this.data] };
    this.configure({ servers: { web, never: web } });
  }

  write(name: string, text: string): void {
    fs.writeFileSync(path.join(this.data, name), text);
  }
}

it('writes a page of all servers, whose links lead to what is there', async () => {
  using sites = new Sites();
  await sites.run(['backup', 'web']);
  sites.write('busy/one', 'another');
  sites.write('busy/three', '3');
  await sites.run(['backup', 'web']);
  const pages = path.join(sites.workspace, 'pages');
  fs.mkdirSync(pages);
  const file = path.join(pages, 'overview.html');
  const { code, out } = await sites.run(['overview', '-o', file]);
  expect(code).toBe(0);
  expect(out).toContain('2 servers');
  const html = fs.readFileSync(file, 'utf8');
  expect(html).toContain('never backed up');
  const targets = new Set([...html.matchAll(/href="(\.[^"]*)"/g)].map(([, target]) => target!));
  expect(targets.size).toBeGreaterThan(3);
  for (const target of targets) {
    expect(fs.existsSync(path.join(pages, decodeURIComponent(target))), target).toBe(true);
  }
  const folders = [...html.matchAll(/<th scope="row"><a href="[^"]*">([^<]*)<\/a><\/th>/g)];
  const named = folders.map(([, name]) => name!);
  expect(named).toContain(`${sites.data}/big`);
  expect(named).toContain(`${sites.data}/busy`);
  expect(fs.readdirSync(pages)).toEqual(['overview.html']);
});

it('keeps in the report which folders are biggest and changed most', async () => {
  using sites = new Sites();
  await sites.run(['backup', 'web']);
  sites.write('busy/one', 'another');
  const { events } = await sites.run(['backup', 'web', '--json']);
  const id = events.at(-1)?.snapshot ?? '';
  const own = path.join(sites.workspace, 'backups', 'web', '.sauvegarde');
  const report = JSON.parse(fs.readFileSync(path.join(own, 'runs', `${id}.json`), 'utf8')) as {
    readonly changes: { readonly folders: unknown };
  };
  const place = (name: string): string => `${sites.data}/${name}`.slice(1);
  expect(report.changes.folders).toEqual({
    biggest: [{ path: place('big'), weight: 9000 }, expect.anything()],
    mostChanged: [{ path: place('busy'), weight: 1 }],
  });
});

it('prints the page, or with --json a line for each server', async () => {
  using sites = new Sites();
  await sites.run(['backup', 'web']);
  const printed = await sites.run(['overview']);
  expect(printed.out).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
  const { events, out } = await sites.run(['overview', '--json']);
  expect(out).not.toContain('<');
  expect(events).toEqual([
    { event: 'overview', server: 'never', state: 'never' },
    expect.objectContaining({
      event: 'overview',
      server: 'web',
      state: 'good',
      files: 3,
      bytes: 9002,
    }),
  ]);
});

it('says which file it could not write, and leaves nothing behind', async () => {
  using sites = new Sites();
  const { code, error } = await sites.run([
    'overview',
    '-o',
    path.join(sites.workspace, 'no', 'o.html'),
  ]);
  expect(code).toBe(2);
  expect(error).toContain('Name another file with -o.');
});
