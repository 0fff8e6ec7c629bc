import fs from 'node:fs';
import path from 'node:path';
import { applyPatch } from 'diff';
import { describe, expect, it } from 'vitest';
import { CommandLine } from './commandLine';

class Site extends CommandLine {
  readonly data = path.join(this.workspace, 'data');

  constructor() {
    super();
    fs.mkdirSync(path.join(this.data, 'sub'), { recursive: true });
    this.configureServer({ protocol: 'local', include: [this.data] });
  }

  write(name: string, content: string | Buffer): void {
    fs.writeFileSync(path.join(this.data, name), content);
  }

  /** With the time of a file long ago, so that only what a test changes differs. */
  age(name: string): void {
    fs.utimesSync(path.join(this.data, name), 1_700_000_000, 1_700_000_000);
  }

  async backUp(): Promise<string> {
    const { events } = await this.run(['backup', '--json']);
    return events.at(-1)?.snapshot ?? '';
  }
}

describe('diff', () => {
  it('tells in events and in words how two snapshots differ', async () => {
    using site = new Site();
    const names = ['stays', 'goes', 'moves', 'touched', 'edited'];
    for (const name of names) site.write(name, `the content of ${name}\n`);
    for (const name of names) site.age(name);
    const first = await site.backUp();
    fs.rmSync(path.join(site.data, 'goes'));
    fs.renameSync(path.join(site.data, 'moves'), path.join(site.data, 'sub', 'moved'));
    fs.chmodSync(path.join(site.data, 'touched'), 0o600);
    site.write('edited', 'another content\n');
    site.write('new', 'x');
    const second = await site.backUp();
    const { events, code } = await site.run(['diff', 'web', first, '--json', '--exit-code']);
    expect(code).toBe(6);
    const at = (name: string): string => `${site.data}/${name}`;
    const found = events.slice(0, -1) as unknown as Record<string, unknown>[];
    expect(found.map(({ kind, path: where, from }) => [kind, where, from])).toEqual([
      ['changed', at('edited'), undefined],
      ['removed', at('goes'), undefined],
      ['added', at('new'), undefined],
      ['moved', at('sub/moved'), at('moves')],
      ['metadata', at('touched'), undefined],
    ]);
    expect(found[0]).toMatchObject({
      event: 'difference',
      server: 'web',
      before: {
        size: 22,
        mtime: 1_700_000_000,
        sha256: expect.stringMatching(/^\w{64}$/) as string,
      },
      after: { size: 16 },
    });
    expect(events.at(-1)).toEqual({
      ...{ event: 'compared', server: 'web', from: first, to: second },
      ...{ added: 1, changed: 1, removed: 1, moved: 1, metadata: 1, unknown: 0 },
    });
    const words = await site.run(['diff', 'web', 'latest~1', 'latest']);
    expect(words.code).toBe(0);
    expect(words.out).toContain(`> ${at('moves')} -> ${at('sub/moved')}\n`);
    expect(words.out).toContain(
      '1 added, 1 changed, 1 removed, 1 moved, 1 with another time or mode',
    );
    const below = await site.run(['diff', 'web', first, at('sub'), '--json']);
    expect(below.events.map(({ kind }) => kind)).toEqual(['moved', undefined]);
    const same = await site.run(['diff', 'web', second, '--exit-code']);
    expect(same).toMatchObject({
      code: 0,
      out: expect.stringContaining('no difference') as string,
    });
  });

  it('compares with the live server, and fetches nothing', async () => {
    using site = new Site();
    for (const name of ['one', 'two']) site.write(name, name);
    const first = await site.backUp();
    site.write('one', 'longer than before');
    fs.rmSync(path.join(site.data, 'two'));
    const { events, code } = await site.run(['diff', 'web', 'latest', 'server', '--json']);
    expect(code).toBe(0);
    expect(events.map(({ kind }) => kind)).toEqual(['changed', 'removed', undefined]);
    expect(events.at(-1)).toMatchObject({ from: first, to: 'server', changed: 1, removed: 1 });
  });

  it('shows how texts differ, and says of others why not', async () => {
    using site = new Site();
    const lines = ['one', 'two', 'three', ''];
    site.write('text', lines.join('\n'));
    site.write('latin1', Buffer.from('caf\xe9\n', 'latin1'));
    site.write('binary', Buffer.from([0, 1, 2]));
    site.write('escape', 'plain\n');
    site.write('long', 'x'.repeat(2 * 1024 * 1024));
    const first = await site.backUp();
    site.write('text', lines.with(1, 'TWO').join('\n'));
    site.write('latin1', Buffer.from('th\xe9\n', 'latin1'));
    site.write('binary', Buffer.from([0, 1, 3, 4]));
    site.write('escape', 'red \u001b[31m\n');
    site.write('long', 'y'.repeat(2 * 1024 * 1024));
    site.write('new', 'added\n');
    const against = async (to: string): Promise<string> =>
      (await site.run(['diff', 'web', first, to, '--content'])).out;
    const live = await against('server');
    const second = await site.backUp();
    for (const out of [live, await against(second)]) {
      expect(out).toContain('@@ -1,3 +1,3 @@\n one\n-two\n+TWO\n three\n');
      expect(out).toContain('-café\n+thé\n');
      expect(out).toContain('binary\n    (its content is not text)\n');
      expect(out).toContain('long\n    (it is too long to be shown)\n');
      expect(out).toContain('--- /dev/null');
      expect(out).not.toContain('\u001b');
    }
    const { events } = await site.run(['diff', 'web', first, second, '--content', '--json']);
    const text = events.find((one) => 'path' in one && String(one.path).endsWith('/text'));
    expect(text).toMatchObject({ content: { patch: expect.stringContaining('+TWO') as string } });
  });

  it.each([
    ['tabs', 'if x:\n\treturn 1\n', 'if x:\n\treturn 2\n'],
    ['the line ends of Windows', 'one\r\ntwo\r\n', 'one\r\nother\r\n'],
    ['blanks at its end', 'one\ntwo\n  \n', 'one\nother\n  \n'],
    ['no line end', 'one\ntwo', 'one\nother'],
  ])('prints what a program can apply to a text with %s', async (_what, before, after) => {
    using site = new Site();
    site.write('text', before);
    const first = await site.backUp();
    site.write('text', after);
    await site.backUp();
    const { out } = await site.run(['diff', 'web', first, '--content']);
    const patch = out.slice(out.indexOf('--- '), out.lastIndexOf('\n', out.length - 2) + 1);
    expect(applyPatch(before, patch)).toBe(after);
  });

  it('does not show a damaged file for what was backed up', async () => {
    using site = new Site();
    site.write('text', 'one\n');
    const first = await site.backUp();
    site.write('text', 'other\n');
    await site.backUp();
    const place = path.join(site.workspace, 'backups', 'web', first, site.data, 'text');
    fs.chmodSync(place, 0o644);
    fs.writeFileSync(place, 'two\n');
    const { out } = await site.run(['diff', 'web', first, '--content']);
    expect(out).toContain('sauvegarde verify --repair');
    expect(out).not.toContain('two');
  });

  it.each([
    [['diff', 'web', '1999']],
    [['diff', 'web', 'latest', 'nonsense']],
    [['diff', 'wbe', 'latest']],
  ])('refuses %j', async (args) => {
    using site = new Site();
    site.write('text', 'one\n');
    await site.backUp();
    expect((await site.run(args)).code).toBe(2);
  });
});
