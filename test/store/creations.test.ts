import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import vm from 'node:vm';
import { buildSync } from 'esbuild';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type * as CreateFiles from '../../src/store/createFiles';
import type { Created } from '../../src/store/createHere';
import { Creations } from '../../src/store/creations';
import type { Creating, CreatedFiles, NewFiles } from '../../src/store/disk';
import { diskStatOf } from '../../src/store/diskStat';
import { nodeDisk } from '../../src/store/nodeDisk';
import { TestClock } from '../sources/testClock';
import { CheckedStore } from './checkedStore';
import { addManyFiles } from './manyFiles';
import { SlowDisk } from './slowDisk';

let folder = '';
let clock = new TestClock();
let slow = new SlowDisk(clock);

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-creations-'));
  clock = new TestClock();
  slow = new SlowDisk(clock);
});

afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

const place = (number: number): string => path.join(folder, `file ${number}`);
const contentOf = (number: number): Buffer =>
  Buffer.from(`content of ${number} `.repeat(number % 90));
const attributesOf = (number: number): { mode: number; mtime: number } => ({
  mode: number % 2 === 0 ? 0o640 : 0o666,
  mtime: number % 3 === 0 ? -number - 0.5 : 1_600_000_000 + number,
});

/** Creates files all at once, and says how each ended. */
function createMany(
  creations: Creations,
  from: number,
  to: number,
): Promise<PromiseSettledResult<Created>[]> {
  const creating = [];
  for (let number = from; number < to; number += 1) {
    const create = async (): Promise<Created> =>
      creations.create(place(number), contentOf(number), attributesOf(number));
    creating.push(create());
  }
  return Promise.allSettled(creating);
}

function expectCreated(number: number, outcome: PromiseSettledResult<Created> | undefined): void {
  const found = fs.lstatSync(place(number));
  const content = contentOf(number);
  expect(fs.readFileSync(place(number))).toEqual(content);
  expect([found.mode & 0o777, found.mtimeMs]).toEqual([
    attributesOf(number).mode,
    attributesOf(number).mtime * 1000,
  ]);
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(outcome).toEqual({ status: 'fulfilled', value: { sha256, stat: diskStatOf(found) } });
}

describe('files that are created', () => {
  it('at once where that is fast', async () => {
    const disk = { ...nodeDisk, startCreating: (): never => expect.unreachable() };
    await using creations = new Creations(disk, () => 0);
    for (const [number, outcome] of (await createMany(creations, 0, 500)).entries())
      expectCreated(number, outcome);
  });

  it('beside this thread where it is slow, and are the same', async () => {
    await using creations = new Creations(slow.disk, clock.monotonic);
    const first = await createMany(creations, 0, 64);
    const rest = await createMany(creations, 64, 800);
    for (const [number, outcome] of [...first, ...rest].entries()) expectCreated(number, outcome);
    expect([slow.createdHere, slow.createdBeside, slow.started]).toEqual([64, 736, 2]);
  });

  it('at once again where whoever delivers them waits for each', async () => {
    await using creations = new Creations(slow.disk, clock.monotonic);
    for (let number = 0; number < 500; number += 1)
      expectCreated(number, (await createMany(creations, number, number + 1))[0]);
    expect([slow.createdHere, slow.createdBeside]).toEqual([500 - 64, 64]);
  });

  it('at once again when the disk has become fast', async () => {
    await using creations = new Creations(
      {
        ...slow.disk,
        startCreating: () => {
          const thread = slow.disk.startCreating()!;
          const create = async (files: NewFiles): Promise<CreatedFiles> => ({
            ...(await thread.create(files))!,
            milliseconds: 0,
          });
          return { ...thread, create, [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose]() };
        },
      },
      clock.monotonic,
    );
    await createMany(creations, 0, 64);
    await createMany(creations, 64, 300);
    expect(slow.createdHere).toBe(64);
    expect(creations.create(place(300), contentOf(300), attributesOf(300))).toHaveProperty(
      'sha256',
    );
  });

  it('fail one by one, with what the system said', async () => {
    await using creations = new Creations(slow.disk, clock.monotonic);
    await createMany(creations, 0, 64);
    fs.writeFileSync(place(70), 'there before');
    fs.symlinkSync(place(1000), place(71));
    const outcomes = await createMany(creations, 64, 80);
    for (const [index, outcome] of outcomes.entries()) {
      const number = 64 + index;
      if (number !== 70 && number !== 71) expectCreated(number, outcome);
      else expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'EEXIST' } });
    }
    expect(fs.readFileSync(place(70), 'utf8')).toBe('there before');
    expect(fs.existsSync(place(1000))).toBe(false);
  });

  it('leave nothing behind on a full disk, which is said', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=400k', 'none', folder]);
    try {
      await using creations = new Creations(slow.disk, clock.monotonic);
      const outcomes = [
        ...(await createMany(creations, 0, 64)),
        ...(await createMany(creations, 64, 600)),
      ];
      const full = outcomes.filter(({ status }) => status === 'rejected');
      expect(full.length).toBeGreaterThan(0);
      for (const outcome of full) expect(outcome).toMatchObject({ reason: { kind: 'disk-full' } });
      for (const [number, outcome] of outcomes.entries()) {
        if (outcome.status === 'fulfilled') expectCreated(number, outcome);
        else if (contentOf(number).length > 0) expect(fs.existsSync(place(number))).toBe(false);
      }
    } finally {
      execFileSync('umount', [folder]);
    }
  });

  it('are there when a thread has ended in the middle of them', async () => {
    let messages = 0;
    const dying = (thread: Creating): Creating => ({
      create: async (files) => {
        messages += 1;
        if (messages % 3 !== 0) return thread.create(files);
        for (const name of files.places.slice(-2)) fs.writeFileSync(name, 'half');
        await thread[Symbol.asyncDispose]();
        return undefined;
      },
      [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
    });
    const disk = { ...slow.disk, startCreating: () => dying(slow.disk.startCreating()!) };
    await using creations = new Creations(disk, clock.monotonic);
    const first = await createMany(creations, 0, 64);
    const rest = await createMany(creations, 64, 1000);
    for (const [number, outcome] of [...first, ...rest].entries()) expectCreated(number, outcome);
    expect(messages).toBeGreaterThanOrEqual(3);
  });

  it('are all there, and no more come, once it is disposed of', async () => {
    const creations = new Creations(slow.disk, clock.monotonic);
    await createMany(creations, 0, 64);
    const outcomes = createMany(creations, 64, 700);
    await creations[Symbol.asyncDispose]();
    const there = fs.readdirSync(folder).length;
    for (const [index, outcome] of (await outcomes).entries()) expectCreated(64 + index, outcome);
    expect(there).toBe(700);
  });
});

it('a thread that has ended says so of what it is given', async () => {
  const thread = nodeDisk.startCreating()!;
  await thread[Symbol.asyncDispose]();
  const nothing = { places: [], modes: [], mtimes: [], ends: [], content: new Uint8Array(1) };
  expect(await thread.create(nothing)).toBeUndefined();
});

it('a whole run over a slow disk has its files created beside it', async () => {
  using fixture = new CheckedStore();
  addManyFiles(fixture.server, 1);
  const watched = new SlowDisk(fixture.clock);
  const report = await fixture.run(watched.disk);
  await fixture.expectRight(report.snapshot);
  expect(watched.createdBeside).toBeGreaterThan(300);
  expect(watched.createdHere + watched.createdBeside).toBeGreaterThanOrEqual(600);
  const again = await fixture.run(watched.disk);
  expect([again.linkedFiles, again.fetchedFiles]).toEqual([600, 0]);
});

it('the program of the thread needs nothing of its bundle, however it is bundled', async () => {
  const [built] = buildSync({
    entryPoints: ['src/store/createFiles.ts'],
    ...{ bundle: true, minify: true, write: false, platform: 'node', format: 'cjs' },
    target: 'node20',
  }).outputFiles;
  const module = { exports: {} as typeof CreateFiles };
  const bundle = `(function (module) { ${built?.text ?? ''} })`;
  (vm.runInThisContext(bundle) as (filled: typeof module) => void)(module);
  const alone = <T>(original: T): T => vm.runInThisContext(`(${String(original)})`) as T;
  const create = alone(module.exports.creatorOfFile)(fs, alone(diskStatOf));
  const createAll = alone(module.exports.creatorOfFiles)(
    create,
    await import('node:crypto'),
    () => 0,
  );
  const columns = { places: [place(1)], modes: [0o640], mtimes: [-1.5], ends: [5] };
  const created = createAll({ ...columns, content: new Uint8Array(Buffer.from('bytes')) });
  expect(created.stats[0]).toEqual(diskStatOf(fs.lstatSync(place(1))));
  expect(fs.readFileSync(place(1), 'utf8')).toBe('bytes');
});
