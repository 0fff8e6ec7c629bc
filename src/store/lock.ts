import fs from 'node:fs';
import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock';
import { BackupError, systemCode } from '../base/errors';
import { diskError } from './diskError';

const heartbeatEvery = 10_000;
/** A lock of another computer is taken for dead after so long without a heartbeat. */
const deadAfter = 600_000;
/** Who holds the lock only to rename something has let go after so long. */
const patience = { attempts: 100, milliseconds: 50 };

interface Holder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly started: string;
  readonly token: string;
  /** When the process began, as the system counts it: a pid may be given to another one. */
  readonly birth?: string;
  /** Held for less than a second, only to rename something: worth waiting for. */
  readonly brief?: true;
}

/** What a lock is held for. */
export type LockPurpose = 'run' | 'brief';

/** Only one run at a time writes to a store, over all windows, processes and computers. */
export class StoreLock implements AsyncDisposable {
  readonly #file: string;
  readonly #token: string;
  readonly #heartbeat: NodeJS.Timeout;

  private constructor(file: string, token: string, clock: Clock) {
    this.#file = file;
    this.#token = token;
    this.#heartbeat = setInterval(() => touch(file, clock), heartbeatEvery);
    this.#heartbeat.unref();
  }

  /** Throws `locked` if another run holds it. A lock whose holder is gone is taken over. */
  static acquire(file: string, clock: Clock, purpose: LockPurpose = 'run'): StoreLock {
    const token = randomUUID();
    const birth = birthOf(process.pid);
    const mine: Holder = {
      pid: process.pid,
      host: hostname(),
      started: new Date(clock.now()).toISOString(),
      token,
      ...(birth !== undefined && { birth }),
      ...(purpose === 'brief' && { brief: true }),
    };
    if (!create(file, mine) && !takeOver(file, mine, clock)) throw lockedBy(read(file));
    return new StoreLock(file, token, clock);
  }

  /** Whether anybody holds it who is still there. */
  static isHeld(file: string, clock: Clock): boolean {
    return fs.existsSync(file) && !isDead(file, read(file), clock);
  }

  /** The same, but waits for a holder that will let go in a moment. */
  static async acquirePatiently(
    file: string,
    clock: Clock,
    signal: AbortSignal,
    purpose: LockPurpose = 'run',
  ): Promise<StoreLock> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return StoreLock.acquire(file, clock, purpose);
      } catch (error) {
        const isWorthIt = error instanceof BackupError && error.kind === 'locked';
        if (!isWorthIt || attempt === patience.attempts || !isBrief(file)) throw error;
        await clock.sleep(patience.milliseconds, signal);
      }
    }
  }

  /** Throws `locked` if the lock was lost: another run has taken this one for dead. */
  check(): void {
    const holder = read(this.#file);
    if (holder?.token !== this.#token) throw lockedBy(holder);
  }

  [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#heartbeat);
    if (read(this.#file)?.token === this.#token) fs.rmSync(this.#file, { force: true });
    return Promise.resolve();
  }
}

function create(file: string, holder: Holder): boolean {
  let opened: number;
  try {
    opened = fs.openSync(file, 'wx', 0o644);
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw diskError(error);
  }
  try {
    fs.writeFileSync(opened, JSON.stringify(holder));
    // Nor may a power cut leave an empty one.
    fs.fsyncSync(opened);
    return true;
  } catch (error) {
    // An empty lock, left by a full disk, would count as another run's for minutes.
    fs.rmSync(file, { force: true });
    throw diskError(error);
  } finally {
    fs.closeSync(opened);
  }
}

/** Of several processes that find the same dead lock, exactly one wins: who creates the claim. */
function takeOver(file: string, mine: Holder, clock: Clock): boolean {
  const found = read(file);
  if (!isDead(file, found, clock)) return false;
  const claim = `${file}.${found?.token ?? 'damaged'}.claim`;
  if (!create(claim, mine)) {
    if (!isDead(claim, read(claim), clock)) return false;
    fs.rmSync(claim, { force: true });
    return false;
  }
  try {
    if (read(file)?.token !== found?.token) return false;
    fs.rmSync(file, { force: true });
    return create(file, mine);
  } finally {
    fs.rmSync(claim, { force: true });
  }
}

function isDead(file: string, holder: Holder | undefined, clock: Clock): boolean {
  const age = clock.now() - (fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0);
  if (holder?.host !== hostname()) return age > deadAfter;
  return !isAlive(holder.pid) || birthOf(holder.pid) !== holder.birth;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** The start time of a process in the system's own units, where /proc tells it. */
function birthOf(pid: number): string | undefined {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** Whether it is held for a moment only, or not at all any more. */
function isBrief(file: string): boolean {
  return fs.existsSync(file) ? read(file)?.brief === true : true;
}

/** Undefined if there is no lock, or one that was cut off while it was written. */
function read(file: string): Holder | undefined {
  try {
    const holder: unknown = JSON.parse(fs.readFileSync(file, 'utf8'));
    return isHolder(holder) ? holder : undefined;
  } catch {
    return undefined;
  }
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false;
  if (!('pid' in value && 'host' in value && 'token' in value && 'started' in value)) return false;
  // The token becomes part of a file's name, and the pid an argument of `kill`.
  return (
    Number.isSafeInteger(value.pid) &&
    (value.pid as number) > 0 &&
    typeof value.token === 'string' &&
    /^[0-9a-f-]{36}$/.test(value.token)
  );
}

function touch(file: string, clock: Clock): void {
  try {
    const now = clock.now() / 1000;
    fs.utimesSync(file, now, now);
  } catch {
    // The lock is gone: the run that holds it now decides, and ours finds out when it publishes.
  }
}

function lockedBy(holder: Holder | undefined): BackupError {
  const who = holder
    ? `process ${holder.pid} on ${holder.host}, since ${holder.started}`
    : 'another run';
  return new BackupError(
    'locked',
    `A run for this server is under way (${who}). Wait until it ends.`,
  );
}
