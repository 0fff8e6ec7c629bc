import fs from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { CommandLine } from './commandLine';

interface VerifiedEvent {
  readonly event: string;
  readonly snapshot: string;
  readonly status: string;
  readonly checkedFiles: number;
  readonly checkedBytes: number;
  readonly damaged: readonly { path: string; kind: string; repaired: boolean }[];
}

/** A backup of a folder of this computer, whose files a test damages. */
class Site extends CommandLine {
  readonly content: string;

  constructor() {
    super();
    this.content = path.join(this.workspace, 'site');
    for (const name of ['a', 'b', 'deep/c']) this.write(name, `content of ${name}`);
    this.configureServer({ protocol: 'local', include: [this.content] });
  }

  write(name: string, text: string): void {
    const place = path.join(this.content, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    fs.utimesSync(place, 1_700_000_000, 1_700_000_000);
  }

  async backUp(): Promise<string> {
    const { code, events, error } = await this.run(['backup', '--json']);
    expect(code, error).toBe(0);
    return events.at(-1)?.snapshot ?? '';
  }

  /** Where a file of a snapshot stands on disk. */
  place(snapshot: string, name: string): string {
    return path.join(this.backups, 'web', snapshot, this.content, name);
  }

  manifest(snapshot: string): string {
    return path.join(this.backups, 'web/.sauvegarde/snapshots', `${snapshot}.ndjson`);
  }

  async verify(...args: string[]): Promise<{ code: number | null; verified: VerifiedEvent[] }> {
    const { code, events } = await this.run(['verify', '--json', ...args]);
    const verified = events.filter(({ event }) => event === 'verified');
    return { code, verified: verified as unknown as VerifiedEvent[] };
  }
}

/** Turns one bit, as a failing disk does: neither size nor time changes. */
function turnBit(place: string, position = 0): void {
  const { mtimeMs, mode } = fs.statSync(place);
  const content = fs.readFileSync(place);
  content[position]! ^= 4;
  fs.chmodSync(place, 0o644);
  fs.writeFileSync(place, content);
  fs.chmodSync(place, mode);
  fs.utimesSync(place, mtimeMs / 1000, mtimeMs / 1000);
}

let site: Site;

beforeEach(() => {
  site = new Site();
  return () => site[Symbol.dispose]();
});

describe('sauvegarde verify', () => {
  it('says that a snapshot is whole', async () => {
    const snapshot = await site.backUp();
    const { code, verified } = await site.verify();
    expect(code).toBe(0);
    expect(verified).toMatchObject([
      { snapshot, status: 'whole', checkedFiles: 3, checkedBytes: 41, damaged: [] },
    ]);
    const { out } = await site.run(['verify']);
    expect(out).toContain(`web: snapshot ${snapshot} is whole. 3 files checked, 41 B read`);
  });

  it('reports what is missing, changed and extra, and a damaged manifest; exit code 5', async () => {
    const snapshot = await site.backUp();
    fs.rmSync(site.place(snapshot, 'a'));
    turnBit(site.place(snapshot, 'b'));
    fs.writeFileSync(site.place(snapshot, 'deep/extra'), 'x');
    const { code, verified } = await site.verify('--snapshot', snapshot);
    expect(code).toBe(5);
    expect(verified).toMatchObject([
      {
        status: 'damaged',
        damaged: [
          { path: path.join(site.content, 'a'), kind: 'missing', repaired: false },
          { path: path.join(site.content, 'b'), kind: 'changed', repaired: false },
          { path: path.join(site.content, 'deep/extra'), kind: 'extra', repaired: false },
        ],
      },
    ]);
    turnBit(site.manifest(snapshot), 20);
    const again = await site.verify();
    expect(again.code).toBe(5);
    expect(again.verified[0]?.damaged[0]).toMatchObject({
      path: `.sauvegarde/snapshots/${snapshot}.ndjson`,
      kind: 'manifest',
    });
  });

  it('mends from another snapshot, for all that share the file, and from the server', async () => {
    const old = await site.backUp();
    site.write('a', 'another content of a');
    const recent = await site.backUp();
    turnBit(site.place(recent, 'a'));
    turnBit(site.place(recent, 'b'));
    fs.rmSync(site.place(old, 'deep/c'));
    turnBit(site.manifest(old), 300);
    const { code, verified } = await site.verify('--all', '--repair');
    expect(code).toBe(0);
    expect(verified.map(({ snapshot, status }) => [snapshot, status])).toEqual([
      [recent, 'whole'],
      [old, 'whole'],
    ]);
    const kinds = verified.map(({ damaged }) =>
      damaged.map(({ kind, repaired }) => [kind, repaired]),
    );
    expect(kinds).toEqual([
      [
        ['changed', true],
        ['changed', true],
      ],
      [
        ['manifest', true],
        ['missing', true],
      ],
    ]);
    expect(fs.readFileSync(site.place(recent, 'a'), 'utf8')).toBe('another content of a');
    for (const id of [old, recent]) {
      expect(fs.readFileSync(site.place(id, 'b'), 'utf8')).toBe('content of b');
      expect(fs.readFileSync(site.place(id, 'deep/c'), 'utf8')).toBe('content of deep/c');
      expect(fs.statSync(site.place(id, 'b')).nlink).toBe(2);
    }
    expect((await site.verify('--all')).code).toBe(0);
  });

  it('marks what cannot be mended, reports it again, and keeps it out of new snapshots', async () => {
    const old = await site.backUp();
    turnBit(site.place(old, 'b'));
    site.write('b', 'something new');
    const { code } = await site.verify('--repair');
    expect(code).toBe(5);
    site.write('b', 'content of b');
    const damaged = await site.backUp();
    expect(fs.readFileSync(site.place(damaged, 'b'), 'utf8')).toBe('content of b');
    const list = await site.run(['list', '--json']);
    expect(list.events).toMatchObject([
      { snapshot: damaged, status: 'complete' },
      { snapshot: old, status: 'damaged', damagedFiles: 1 },
    ]);
    expect((await site.verify('--all')).code).toBe(5);
    expect((await site.verify('--snapshot', old, '--repair')).code).toBe(0);
    expect((await site.run(['list'])).out).not.toContain('damaged');
  });

  it.each([
    [['--sample', '0%'], 'a share such as 10%'],
    [['--sample', 'ten'], 'a share such as 10%'],
    [['--for', '10'], 'a time such as 90s'],
    [['--sample', '10%', '--for', '1m'], 'cannot be used with'],
    [['--all', '--snapshot', 'latest'], 'cannot be used with'],
    [['--snapshot', '1999'], 'no snapshot is called'],
  ])('refuses %j', async (args, message) => {
    await site.backUp();
    const { code, error } = await site.run(['verify', ...args]);
    expect(code).toBe(2);
    expect(error).toContain(message);
  });
});
