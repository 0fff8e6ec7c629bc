import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import fs from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { judge } from '../../src/jobs/retention/guard';
import type { Suspicion } from '../../src/model/retention/suspicion';
import { isNoise } from '../../src/model/retention/noise';
import { isText } from '../../src/model/textContent';
import { Sample } from '../../src/model/retention/sample';
import { StoreFixture } from '../store/storeFixture';

const prose = (line: string): string => `${line}: the quick brown fox jumps over the lazy dog. `;

/** A site of text files, in folders of ten. */
function site(fixture: StoreFixture, files: number, folder = 'data'): void {
  for (let file = 0; file < files; file += 1) {
    const path = `${folder}/${Math.floor(file / 10)}/page${String.fromCharCode(97 + (file % 10))}`;
    fixture.server.file(path, prose(path).repeat(20));
  }
}

let time = 1_700_000_000;

function change(fixture: StoreFixture, path: string, content: Buffer | string): void {
  time += 60;
  fixture.server.file(path, content, { mtime: time });
}

async function suspicionAfter(
  fixture: StoreFixture,
  act: () => void,
  changes: Parameters<StoreFixture['run']>[1] = {},
): Promise<Suspicion | undefined> {
  const { include } = changes;
  await fixture.run(undefined, include ? { include } : {});
  act();
  const report = await fixture.run(undefined, changes);
  const [found] = await judge(fixture.store);
  expect(report.suspicious).toEqual(found && withoutSnapshot(found));
  if (found) expect(found.snapshot).toBe(report.snapshot);
  return found;
}

function withoutSnapshot({ snapshot, ...loss }: Suspicion): Omit<Suspicion, 'snapshot'> {
  return loss;
}

describe('a snapshot is suspicious', () => {
  it('if more than half of the files are gone', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const found = await suspicionAfter(fixture, () => {
      for (const folder of ['0', '1']) fixture.server.remove(`data/${folder}`);
      fixture.server.remove('data/2/pagea');
    });
    expect(found).toMatchObject({ reason: 'files-lost', lost: 21, of: 40 });
  });

  it('if they were renamed and encrypted', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const found = await suspicionAfter(fixture, () => {
      for (const path of fixture.server.paths.filter((one) => one.includes('page'))) {
        fixture.server.remove(path);
        change(fixture, `${path}.locked`, randomBytes(900));
      }
    });
    expect(found).toMatchObject({ reason: 'files-lost', lost: 40, of: 40 });
  });

  it('if nothing of an included folder is left, however small it is', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    site(fixture, 3, 'small');
    const include = ['/data', '/small'];
    const found = await suspicionAfter(fixture, () => fixture.server.remove('small/0'), {
      include,
    });
    expect(found).toMatchObject({ reason: 'folder-lost', lost: 3, of: 3, folder: '/small' });
  });

  it.each([160, 4096, 50_000])(
    'if texts became noise of %i bytes in their places',
    async (bytes) => {
      using fixture = new StoreFixture();
      site(fixture, 40);
      const found = await suspicionAfter(fixture, () => {
        for (const path of fixture.server.paths
          .filter((one) => one.includes('page'))
          .slice(0, 21)) {
          change(fixture, path, randomBytes(bytes));
        }
      });
      expect(found).toMatchObject({ reason: 'noise', lost: 21, of: 40 });
    },
  );

  it('if more than half of the texts became noise, and the pictures are many', async () => {
    using fixture = new StoreFixture();
    site(fixture, 20);
    for (let file = 0; file < 100; file += 1) {
      fixture.server.file(`data/pictures/p${file}.jpg`, jpeg());
    }
    const found = await suspicionAfter(fixture, () => {
      for (const path of fixture.server.paths.filter((one) => one.includes('page')).slice(0, 11)) {
        change(fixture, path, randomBytes(2000));
      }
    });
    expect(found).toMatchObject({ reason: 'noise', lost: 11, of: 20 });
  });

  it('by samples where the files are many', async () => {
    using fixture = new StoreFixture();
    site(fixture, 3000);
    const found = await suspicionAfter(fixture, () => {
      for (const path of fixture.server.paths.filter((one) => one.includes('page'))) {
        change(fixture, path, randomBytes(300));
      }
    });
    expect(found).toMatchObject({ reason: 'noise', lost: 3000, of: 3000 });
  });
});

describe('a snapshot is plausible', () => {
  it('if half of the files are gone', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const act = (): void => ['0', '1'].forEach((one) => fixture.server.remove(`data/${one}`));
    expect(await suspicionAfter(fixture, act)).toBeUndefined();
  });

  it('if they moved', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const found = await suspicionAfter(fixture, () => {
      for (const path of fixture.server.paths.filter((one) => one.includes('page'))) {
        const content = fixture.server.node(path)?.content ?? '';
        fixture.server.remove(path);
        change(fixture, path.replace('data', 'data/old'), content);
      }
    });
    expect(found).toBeUndefined();
  });

  it('if a dated file has a successor, as the dump of each night', async () => {
    using fixture = new StoreFixture();
    fixture.server.file('data/dump-2026-11-26.sql', prose('one').repeat(50));
    const found = await suspicionAfter(fixture, () => {
      fixture.server.remove('data/dump-2026-11-26.sql');
      change(fixture, 'data/dump-2026-11-27.sql', prose('two').repeat(50));
    });
    expect(found).toBeUndefined();
  });

  it('but one successor stands for one file only', async () => {
    using fixture = new StoreFixture();
    for (let day = 10; day < 20; day += 1) {
      fixture.server.file(`data/photo-202611${day}.txt`, prose(String(day)));
    }
    const found = await suspicionAfter(fixture, () => {
      for (let day = 10; day < 20; day += 1) fixture.server.remove(`data/photo-202611${day}.txt`);
      change(fixture, 'data/photo-20261120.txt', prose('20'));
    });
    expect(found).toMatchObject({ reason: 'files-lost', lost: 9, of: 10 });
  });

  it('if a person excluded what is gone', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const exclude = ['/data/0', '/data/1', '/data/2'];
    expect(await suspicionAfter(fixture, () => undefined, { exclude })).toBeUndefined();
  });

  it('if texts were compressed or rewritten', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const found = await suspicionAfter(fixture, () => {
      fixture.server.paths
        .filter((one) => one.includes('page'))
        .forEach((path, index) =>
          change(fixture, path, index % 2 === 0 ? gzipSync(prose(path)) : prose(`new ${path}`)),
        );
    });
    expect(found).toBeUndefined();
  });

  it('if what is missing could not be listed: it is carried over', async () => {
    using fixture = new StoreFixture();
    site(fixture, 40);
    const found = await suspicionAfter(fixture, () => {
      fixture.server.script = (call, path) => {
        if (call === 'list' && path.startsWith('data/')) throw refused();
      };
    });
    expect(found).toBeUndefined();
  });
});

describe('a suspicion', () => {
  it('stands in the runs that follow until it is accepted', async () => {
    using fixture = new StoreFixture();
    site(fixture, 10);
    const found = await suspicionAfter(fixture, () => fixture.server.remove('data/0'));
    const next = await fixture.run();
    expect(next.suspicious).toBeUndefined();
    expect(await judge(fixture.store)).toEqual([found]);
    fixture.store.guard.accept(found?.snapshot ?? '');
    expect(await judge(fixture.store)).toEqual([]);
    const mark = fixture.store.layout.acceptedOf(found?.snapshot ?? '');
    expect(fs.readFileSync(mark, 'utf8')).toBe('');
  });

  it('is found later where the run that made the snapshot died before it judged', async () => {
    using fixture = new StoreFixture();
    site(fixture, 10);
    const found = await suspicionAfter(fixture, () => fixture.server.remove('data/0'));
    const { guard } = fixture.store.layout;
    const [first] = await fixture.store.ids().then((ids) => ids.reverse());
    fs.writeFileSync(guard, JSON.stringify({ judged: first, suspicious: [] }));
    await fixture.run();
    expect(await judge(fixture.store)).toEqual([found]);
  });

  it('of a file that tells nothing is looked for anew', async () => {
    using fixture = new StoreFixture();
    site(fixture, 10);
    const found = await suspicionAfter(fixture, () => fixture.server.remove('data/0'));
    fs.writeFileSync(fixture.store.layout.guard, '{"judged":');
    expect(await judge(fixture.store)).toEqual([found]);
  });

  it('is found where the clock was set back', async () => {
    using fixture = new StoreFixture();
    site(fixture, 10);
    await fixture.run();
    await fixture.run();
    fixture.clock.advance(-300_000);
    const earlier = await fixture.run();
    expect(earlier.suspicious).toBeUndefined();
    fixture.server.remove('data/0');
    const report = await fixture.run();
    expect(report.suspicious).toMatchObject({ reason: 'files-lost' });
  });

  it('is none with "guard": false', async () => {
    using fixture = new StoreFixture();
    site(fixture, 10);
    await fixture.run();
    fixture.server.remove('data/0');
    const report = await fixture.run(undefined, { guard: false });
    expect(report.suspicious).toBeUndefined();
  });
});

describe('noise', () => {
  it.each([
    ['text', Buffer.from(prose('x'))],
    ['text in latin1', Buffer.from('Caf\xe9 d\xe9j\xe0 vu, na\xefve, \xfcber alles', 'latin1')],
    ['text in UTF-16', Buffer.from('\ufeffnow is the time', 'utf16le')],
    ['coloured text', Buffer.from('\u001b[31mred\u001b[0m and plain again')],
    ['a zip file', Buffer.concat([Buffer.from('PK\u0003\u0004'), randomBytes(4000)])],
    ['a film', Buffer.concat([Buffer.from('\0\0\0\u0018ftypmp42'), randomBytes(4000)])],
    ['a program', fs.readFileSync(process.execPath).subarray(0, 4096)],
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(4096)],
  ])('is not %s', (_what, head) => {
    expect(isNoise(head)).toBe(false);
  });

  it('is random bytes, of any length from 16 on', () => {
    for (let bytes = 16; bytes <= 4096; bytes += 17) {
      const head = randomBytes(bytes);
      expect(isNoise(head) || isText(head), String(bytes)).toBe(true);
    }
  });
});

describe('a sample', () => {
  it('is all where they are few, and spread over all where they are many', () => {
    const sample = new Sample<number>(10);
    for (let item = 0; item < 10; item += 1) sample.add(item);
    expect(sample.items).toHaveLength(10);
    for (let item = 10; item < 1000; item += 1) sample.add(item);
    expect(sample.items.length).toBeGreaterThan(5);
    expect(Math.max(...sample.items)).toBeGreaterThan(850);
    expect(sample.estimate(sample.items.filter((item) => item < 500).length)).toBeCloseTo(500, -2);
  });
});

function jpeg(): Buffer {
  return Buffer.concat([Buffer.from('ffd8ffe0', 'hex'), randomBytes(500)]);
}

function refused(): BackupError {
  return new BackupError('permission', 'Permission denied.');
}
