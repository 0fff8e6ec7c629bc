import { abortReason, throwIfAborted, whenAborted } from '../../base/abort';
import type { Clock } from '../../base/clock';
import { close } from './calls';
import type { SftpChannel } from './channel';
import { status } from './constants';
import { refusalOf } from './statusError';

/** A file or folder that is open on the server. */
export interface OpenHandle {
  readonly bytes: Buffer;
  close(): void;
  /** To be called by who closes it otherwise, when the server has answered. */
  released(): void;
}

/** One request for a handle that is under way. */
interface Request {
  /** Nothing was open or asked for when it was sent. */
  readonly wasFirst: boolean;
  readonly number: number;
}

/** Who waits for room. */
interface Waiter {
  /** How many handles may be open beside. */
  readonly mostOthers: number;
  readonly go: (request: Request) => void;
}

const any = Number.POSITIVE_INFINITY;
/** So many handles are opened at the limit, for each that is allowed, before more are tried again. */
const firstPatience = 8;
const mostPatience = 64;
/** Milliseconds before something is asked for once more that was refused though nothing else is open. */
const pausesAlone = [250, 500, 1000, 2000];
/** More are never open at once: from here on there is no limit. */
const plenty = 256;

/**
 * How many files and folders the server lets us have open at once. Servers refuse one too many with a
 * failure like any other (OpenSSH says "Failure"; wolfSSH has room for 64, others for 16), so it is
 * found out: what was refused is tried again with fewer beside it, in the end alone, and only what is
 * refused then is refused. A handle counts as open until the server has answered its `CLOSE`. After a
 * while more are tried again.
 */
export class HandleLimit {
  readonly #clock: Clock;
  readonly #learnt: (limit: number) => void;
  #allowed = any;
  #granted = 0;
  #asking = 0;
  /** Requests so far: shows whether one of them was by itself. */
  #asked = 0;
  /** One that has to be alone is under way. */
  #isReserved = false;
  /** With fewer open, something was let in that was refused before. */
  #isCertain = false;
  #waiting: Waiter[] = [];
  #goodAnswers = 0;
  #patience = firstPatience;
  /** More were allowed, and none was refused since. */
  #hasRaised = false;

  /** @param learnt is told how many there may be, when it is certain that there may not be more */
  constructor(clock: Clock, learnt: (limit: number) => void) {
    this.#clock = clock;
    this.#learnt = learnt;
  }

  /** Whether one more is likely to be let in at once. */
  get hasRoom(): boolean {
    return this.#waiting.length === 0 && this.#mayGo(any);
  }

  /** Opens something, as soon as there is room. Throws what `ask` throws when nothing else is open. */
  async open(
    channel: SftpChannel,
    ask: () => Promise<Buffer>,
    signal: AbortSignal,
  ): Promise<OpenHandle> {
    const pauses = [...pausesAlone];
    for (let mostOthers = any; ;) {
      const request = this.#mayGo(mostOthers)
        ? this.#enter(mostOthers)
        : await this.#room(mostOthers, signal);
      let pause: number | undefined;
      try {
        const bytes = await ask();
        this.#succeeded(mostOthers < any);
        const released = (): void => this.#closed();
        return { bytes, released, close: () => close(channel, bytes, released) };
      } catch (error) {
        if (!mayMeanTooMany(error)) throw error;
        const wasAlone = request.wasFirst && this.#asked === request.number;
        if (wasAlone) pause = this.#pauseOrThrow(error, pauses);
        mostOthers = wasAlone ? 0 : this.#refused(mostOthers);
      } finally {
        this.#asking -= 1;
        if (this.#asked === request.number) this.#isReserved = false;
        this.#letIn();
      }
      if (pause !== undefined) await this.#clock.sleep(pause, signal);
    }
  }

  #succeeded(isRetry: boolean): void {
    this.#granted += 1;
    if (this.#allowed === any) return;
    // A refusal that overtook the answers to earlier requests has counted too few.
    this.#allowed = Math.max(this.#allowed, this.#granted);
    if (isRetry && !this.#isCertain) {
      this.#isCertain = true;
      this.#learnt(this.#allowed);
    }
    this.#goodAnswers += 1;
    if (this.#goodAnswers >= this.#patience * this.#allowed) this.#raise();
  }

  #raise(): void {
    this.#goodAnswers = 0;
    if (this.#hasRaised) this.#patience = firstPatience;
    this.#hasRaised = true;
    this.#allowed += Math.max(1, Math.floor(this.#allowed / 4));
    if (this.#allowed >= plenty) this.#forget();
  }

  #forget(): void {
    this.#allowed = any;
    this.#patience = firstPatience;
    this.#hasRaised = false;
    this.#isCertain = false;
  }

  /** Gives how many others there may be when it is tried again. */
  #refused(mostOthers: number): number {
    const others = Math.max(1, this.#granted);
    if (mostOthers < any) return Math.floor(Math.min(mostOthers, others) / 2);
    this.#allowed = Math.min(this.#allowed, others);
    this.#goodAnswers = 0;
    // It was too early: the next time comes later.
    if (this.#hasRaised) this.#patience = Math.min(2 * this.#patience, mostPatience);
    this.#hasRaised = false;
    return others - 1;
  }

  /**
   * What is refused though nothing else is open does not tell of a limit; where there is one, handles
   * of a connection that was lost may still count, for a moment.
   */
  #pauseOrThrow(error: unknown, pauses: number[]): number {
    const isLikely = this.#isCertain || saysTooMany(error);
    const pause = isLikely ? pauses.shift() : undefined;
    if (pause !== undefined) return pause;
    if (!this.#isCertain) this.#forget();
    throw error;
  }

  #closed(): void {
    this.#granted -= 1;
    this.#letIn();
  }

  #mayGo(mostOthers: number): boolean {
    const others = this.#granted + this.#asking;
    return !this.#isReserved && others < this.#allowed && others <= mostOthers;
  }

  #enter(mostOthers: number): Request {
    const wasFirst = this.#granted + this.#asking === 0;
    this.#asking += 1;
    this.#asked += 1;
    this.#isReserved = mostOthers === 0;
    return { wasFirst, number: this.#asked };
  }

  #room(mostOthers: number, signal: AbortSignal): Promise<Request> {
    throwIfAborted(signal);
    return new Promise((resolve, reject) => {
      const takeBack = whenAborted(signal, () => {
        this.#waiting = this.#waiting.filter((other) => other !== waiter);
        reject(abortReason(signal));
      });
      const go = (request: Request): void => {
        takeBack();
        resolve(request);
      };
      const waiter: Waiter = { mostOthers, go };
      this.#waiting.push(waiter);
    });
  }

  #letIn(): void {
    if (this.#waiting.length === 0) return;
    this.#waiting = this.#waiting.filter((waiter) => {
      if (!this.#mayGo(waiter.mostOthers)) return true;
      waiter.go(this.#enter(waiter.mostOthers));
      return false;
    });
  }
}

const reasonsOfTheirOwn: ReadonlySet<number> = new Set([
  status.noSuchFile,
  status.permissionDenied,
  status.unsupported,
]);
const words = /too many|handles|open files|limit/i;

/** Whether a refusal may be one of too many open handles: the codes have none for it. */
function mayMeanTooMany(error: unknown): boolean {
  const refusal = refusalOf(error);
  if (!refusal) return false;
  return !reasonsOfTheirOwn.has(refusal.code) || saysTooMany(error);
}

function saysTooMany(error: unknown): boolean {
  return words.test(refusalOf(error)?.message ?? '');
}
