import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CommandLine } from './commandLine';

class Site extends CommandLine {
  constructor() {
    super();
    const data = path.join(this.workspace, 'data');
    fs.mkdirSync(data);
    fs.writeFileSync(path.join(data, 'file'), 'x');
    this.configureServer({ protocol: 'local', include: [data] });
  }

  async note(): Promise<unknown> {
    const { events } = await this.run(['list', '--json']);
    return (events[0] as { note?: string } | undefined)?.note;
  }
}

it('stands in the list and in the report, can be changed, and goes with the snapshot', async () => {
  using site = new Site();
  const note = 'vor dem Update, "6.8" – ü';
  const { events } = await site.run(['backup', '--json', '--note', `  ${note}\n`]);
  const [finished] = events.filter(({ event }) => event === 'finished');
  expect(finished).toMatchObject({ status: 'complete', note });
  expect((await site.run(['list'])).out).toContain(`, "${note}"`);
  expect(await site.note()).toBe(note);
  const own = path.join(site.workspace, 'backups', 'web', '.sauvegarde');
  const place = path.join(own, 'notes', finished?.snapshot ?? '');
  expect(fs.readFileSync(place, 'utf8')).toBe(note);
  expect((await site.run(['note', 'web', 'latest', 'it went well'])).code).toBe(0);
  expect(await site.note()).toBe('it went well');
  await site.run(['note', 'web', 'latest']);
  expect(await site.note()).toBe(undefined);
  await site.run(['note', 'web', 'latest', 'once more']);
  await site.run(['delete', 'web', 'latest']);
  expect(fs.readdirSync(path.join(own, 'notes'))).toEqual([]);
});

it('is shown on one line, whatever somebody wrote into its file', async () => {
  using site = new Site();
  const { events } = await site.run(['backup', '--json']);
  const notes = path.join(site.workspace, 'backups', 'web', '.sauvegarde', 'notes');
  fs.mkdirSync(notes, { recursive: true });
  const place = path.join(notes, events.at(-1)?.snapshot ?? '');
  fs.writeFileSync(place, '\u001b[31mred\r\n\u202eline');
  expect(await site.note()).toBe('[31mred line');
  fs.writeFileSync(place, 'x'.repeat(20_000));
  expect(await site.note()).toBe(undefined);
  fs.rmSync(place);
  fs.symlinkSync('/etc/passwd', place);
  expect(await site.note()).toBe(undefined);
});

it('is refused if it is too long, before anything is connected to', async () => {
  using site = new Site();
  for (const args of [
    ['backup', '--note', 'x'.repeat(501)],
    ['note', 'web', 'latest', 'x'.repeat(501)],
  ]) {
    const { code, error } = await site.run(args);
    expect(code).toBe(2);
    expect(error).toMatch(/at most 500 characters|there are 0 snapshots/);
  }
  expect(fs.existsSync(path.join(site.workspace, 'backups', 'web'))).toBe(false);
});
