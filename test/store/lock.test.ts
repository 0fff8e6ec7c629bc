import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreLock } from '../../src/store/lock';
import { BundledProgram } from '../bundledProgram';
import { TestClock } from '../sources/testClock';

let program: BundledProgram;
const children: ChildProcess[] = [];
let folder = '';
let file = '';

beforeAll(async () => {
  program = await BundledProgram.of('test/store/lockHolder.ts');
});

afterAll(() => program[Symbol.dispose]());

beforeEach(() => {
  folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-lock-'));
  file = path.join(folder, 'lock');
});

afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
});

async function contender(): Promise<ChildProcess> {
  const child = fork(program.file, [file]);
  children.push(child);
  await once(child, 'message');
  return child;
}

async function tries(child: ChildProcess): Promise<string> {
  const answer = once(child, 'message');
  child.send('try');
  const [message] = (await answer) as [string];
  return message;
}

async function deadHolder(): Promise<void> {
  const holder = await contender();
  expect(await tries(holder)).toBe('held');
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  expect(fs.existsSync(file)).toBe(true);
}

const token = '01234567-89ab-cdef-0123-456789abcdef';
const started = '2026-11-23T07:00:00.000Z';

function writeLock(holder: unknown, age: number): TestClock {
  fs.writeFileSync(file, typeof holder === 'string' ? holder : JSON.stringify(holder));
  const clock = new TestClock();
  const touched = (clock.now() - age) / 1000;
  fs.utimesSync(file, touched, touched);
  return clock;
}

describe('the lock of a store', () => {
  it('is held by one process at a time', async () => {
    const [first, second] = [await contender(), await contender()];
    expect(await tries(first)).toBe('held');
    expect(await tries(second)).toBe('locked');
    expect(() => StoreLock.acquire(file, new TestClock())).toThrow(
      expect.objectContaining({
        kind: 'locked',
        message: expect.stringContaining(`process ${first.pid}`) as string,
      }),
    );
  });

  it('is free again when it is given back', async () => {
    const clock = new TestClock();
    const lock = StoreLock.acquire(file, clock);
    expect(() => StoreLock.acquire(file, clock)).toThrow('A run for this server is under way');
    lock.check();
    await lock[Symbol.asyncDispose]();
    expect(fs.readdirSync(folder)).toEqual([]);
    await StoreLock.acquire(file, clock)[Symbol.asyncDispose]();
  });

  it('of a dead process is taken over by exactly one of many', async () => {
    for (let round = 0; round < 4; round += 1) {
      await deadHolder();
      const contenders = await Promise.all(Array.from({ length: 6 }, contender));
      const answers = await Promise.all(contenders.map(tries));
      expect(answers.filter((answer) => answer === 'held')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'locked')).toHaveLength(5);
      expect(fs.readdirSync(folder)).toEqual(['lock']);
      for (const child of children.splice(0)) child.kill('SIGKILL');
      fs.rmSync(file);
    }
  });

  it('of a process whose number another one has by now is taken over', () => {
    const clock = writeLock({ pid: process.pid, host: hostname(), started, token, birth: '1' }, 0);
    expect(() => StoreLock.acquire(file, clock).check()).not.toThrow();
  });

  it.each([
    [60_000, true],
    [590_000, true],
    [610_000, false],
  ])(
    'of another computer counts for ten minutes after its last sign of life: %i',
    (age, isLive) => {
      const clock = writeLock({ pid: 1, host: 'elsewhere', started, token }, age);
      const acquire = (): StoreLock => StoreLock.acquire(file, clock);
      if (isLive) expect(acquire).toThrow('process 1 on elsewhere');
      else acquire().check();
    },
  );

  it.each([
    '',
    '{"pid":',
    'null',
    '5',
    '{"pid":1}',
    JSON.stringify({ pid: -1, host: hostname(), started, token }),
    JSON.stringify({ pid: 'x', host: hostname(), started, token }),
    JSON.stringify({ pid: 1, host: hostname(), started, token: '/../../../x' }),
    JSON.stringify({ pid: 1, host: hostname(), started, token: 5 }),
  ])('that is damaged counts as one of somebody else: %j', (content) => {
    expect(() => StoreLock.acquire(file, writeLock(content, 1000))).toThrow(
      expect.objectContaining({ kind: 'locked' }),
    );
    StoreLock.acquire(file, writeLock(content, 700_000)).check();
    expect(fs.readdirSync(folder)).toEqual(['lock']);
  });

  it('that was lost is noticed, and the other one is left alone', async () => {
    const lock = StoreLock.acquire(file, new TestClock());
    writeLock({ pid: 1, host: 'elsewhere', started, token }, 0);
    expect(() => lock.check()).toThrow(expect.objectContaining({ kind: 'locked' }));
    await lock[Symbol.asyncDispose]();
    expect(fs.existsSync(file)).toBe(true);
  });

  it('survives a contender that died while it took over', async () => {
    await deadHolder();
    const { token: dead } = JSON.parse(fs.readFileSync(file, 'utf8')) as { token: string };
    fs.copyFileSync(file, `${file}.${dead}.claim`);
    const child = await contender();
    expect([await tries(child), await tries(child)]).toEqual(['locked', 'held']);
    expect(fs.readdirSync(folder)).toEqual(['lock']);
  });
});

it('is written to the disk before anything else is: an empty one would lock out every run after a power cut', async () => {
  const synced: string[] = [];
  const sync = vi.spyOn(fs, 'fsyncSync').mockImplementation(() => {
    synced.push(fs.readFileSync(file, 'utf8'));
  });
  try {
    await using _lock = StoreLock.acquire(file, new TestClock());
    expect(synced).toEqual([fs.readFileSync(file, 'utf8')]);
  } finally {
    sync.mockRestore();
  }
});
