import crypto from 'node:crypto';
import fs from 'node:fs';
import { execFileSync } from 'node:child_process';
import vm from 'node:vm';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import type { Looking } from '../../src/store/disk';
import { diskStatOf } from '../../src/store/diskStat';
import { LookingThread } from '../../src/store/lookingThread';
import type * as LookAtFile from '../../src/store/lookAtFile';
import { nodeDisk } from '../../src/store/nodeDisk';
import { turnBit, VerifyFixture } from './verifyFixture';

const count = 700;

async function made(): Promise<{ fixture: VerifyFixture; old: string; recent: string }> {
  const fixture = new VerifyFixture();
  for (let file = 0; file < count; file += 1) {
    fixture.server.file(`data/${file % 7}/f${file}`, `content of ${file} `.repeat(1 + (file % 90)));
  }
  fixture.server.file('data/large', 'x'.repeat(700_000));
  fixture.server.file('data/n\xe4me \xff', 'odd name');
  const old = await fixture.run();
  fixture.server.file('data/new', 'only in the new one');
  const recent = await fixture.run();
  return { fixture, old: old.snapshot, recent: recent.snapshot };
}

/** Whatever can stand in the place of a file. */
function damage(fixture: VerifyFixture, id: string): void {
  const at = (name: string): string => fixture.placeOf(id, `data/${name}`);
  turnBit(at('large'), 8 * 600_000);
  turnBit(at('6/f699'), 3);
  turnBit(fixture.placeOf(id, 'data/new'), 3);
  fs.truncateSync(at('5/f600'), 3);
  // A hole of the same length.
  const { size } = fs.statSync(at('3/f598'));
  fs.truncateSync(at('3/f598'), 0);
  fs.truncateSync(at('3/f598'), size);
  fs.rmSync(at('4/f599'));
  fs.rmSync(at('1/f596'));
  fs.symlinkSync(at('1/f1'), at('1/f596'));
  fs.rmSync(at('0/f595'));
  fs.mkdirSync(at('0/f595'));
  fs.rmSync(at('4/f592'));
  execFileSync('mkfifo', [at('4/f592')]);
  fs.renameSync(at('2'), `${fixture.workspace}/elsewhere`);
  fs.symlinkSync(`${fixture.workspace}/elsewhere`, at('2'));
}

/** Counts what a thread was given. */
class CountedLooking implements Looking {
  files = 0;
  readonly width = 3;
  readonly #thread = LookingThread.start()!;

  look(wanted: Parameters<Looking['look']>[0]): ReturnType<Looking['look']> {
    this.files += wanted.places.length;
    return this.#thread.look(wanted);
  }

  [Symbol.dispose](): void {
    this.#thread[Symbol.dispose]();
  }
}

describe('a verification by a thread', () => {
  it('finds what one without finds, in the same order, and reads shared files once', async () => {
    const { fixture, old, recent } = await made();
    using _ = fixture;
    damage(fixture, recent);
    const one = await fixture.verify({ scope: 'all' });
    using looking = new CountedLooking();
    const disk = { ...nodeDisk, startLooking: () => looking };
    const other = await fixture.verify({ scope: 'all', store: fixture.storeOn(disk) });
    const comparable = (verified: typeof one): unknown[] =>
      verified.map(({ seconds: _seconds, ...rest }) => rest);
    expect(comparable(other)).toEqual(comparable(one));
    expect(other[0]?.damaged.length).toBeGreaterThan(100);
    expect(other[0]?.checkedFiles).toBe(count + 3);
    // The old snapshot's files are those that the newer one has, but for what was damaged there.
    expect(other[1]).toMatchObject({ snapshot: old, checkedFiles: count + 2 });
    expect(looking.files).toBeGreaterThan(count - 110);
    // Beside those that only the old one has, what was sent before the first of the others was known.
    expect(looking.files).toBeLessThan(count + 100 + 4 * 128);
  });

  it('ends when it is cancelled, and keeps what it has proven', async () => {
    const { fixture } = await made();
    using _ = fixture;
    const stop = new AbortController();
    using thread = LookingThread.start()!;
    let batches = 0;
    const looking: Looking = {
      width: 1,
      look: (wanted) => {
        batches += 1;
        if (batches === 4) stop.abort();
        // What comes after that never answers, as a file system that hangs.
        return batches < 4 ? thread.look(wanted) : new Promise(() => undefined);
      },
      [Symbol.dispose]: () => undefined,
    };
    const store = fixture.storeOn({ ...nodeDisk, startLooking: () => looking });
    await expect(fixture.verify({ store, signal: stop.signal })).rejects.toMatchObject({
      kind: 'cancelled',
    });
    expect(fs.readFileSync(fixture.store.layout.proven, 'utf8')).toContain('"contents"');
    expect(await fixture.verify()).toMatchObject([{ status: 'whole' }]);
  });
});

type Bundle = (module: { exports: typeof LookAtFile }) => void;

/** As a thread has it: the text, and nothing of what was around it. */
function functionOf<T>(original: T): T {
  return vm.runInThisContext(`(${String(original)})`) as T;
}

describe('a thread that looks at files', () => {
  const digest = (text: string): string => crypto.createHash('sha256').update(text).digest('hex');
  const wanted = (place: string, text: string): Parameters<Looking['look']>[0] => ({
    places: [place, `${place}\0`, `${place}.none`],
    sizes: [text.length, 1, 1],
    digests: [digest(text), '', ''],
  });

  it('says what the system said, and leaves its work to others when it ends', async () => {
    using fixture = new VerifyFixture();
    const place = `${fixture.workspace}/file`;
    fs.writeFileSync(place, 'content');
    using thread = LookingThread.start()!;
    const found = await thread.look(wanted(place, 'content'));
    expect(found.inodes).toEqual([0, 0, 0]);
    expect(found.wrong.get(1)).toMatchObject({ state: 'unread', code: 'ERR_INVALID_ARG_VALUE' });
    expect(found.wrong.get(2)).toMatchObject({ state: 'missing' });
    thread[Symbol.dispose]();
    expect(await thread.look(wanted(place, 'content'))).toEqual(found);
    fs.linkSync(place, `${place}.other`);
    const { inodes } = await thread.look(wanted(place, 'content'));
    expect(inodes).toEqual([fs.statSync(place).ino, 0, 0]);
  });

  it('runs a program that needs nothing of its bundle, however it is bundled', () => {
    const [built] = buildSync({
      entryPoints: ['src/store/lookAtFile.ts'],
      ...{ bundle: true, minify: true, write: false, platform: 'node', format: 'cjs' },
      target: 'node20',
    }).outputFiles;
    const module = { exports: {} as typeof LookAtFile };
    const run = vm.runInThisContext(`(function (module) { ${built?.text ?? ''} })`) as Bundle;
    run(module);
    const { lookerAtFiles, comparerOfFiles } = module.exports;
    const look = functionOf(lookerAtFiles);
    const compare = functionOf(comparerOfFiles);
    using fixture = new VerifyFixture();
    const place = `${fixture.workspace}/file`;
    for (const text of ['', 'content', 'x'.repeat(256 * 1024), 'x'.repeat(600_000)]) {
      fs.writeFileSync(place, text);
      const found = compare(look(fs, crypto, () => false, functionOf(diskStatOf)))(
        wanted(place, text),
      );
      expect([...found.wrong.keys()]).toEqual([1, 2]);
    }
  });
});
