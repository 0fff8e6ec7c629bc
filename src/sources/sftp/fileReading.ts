import type { Entry } from '../../model/entry';
import { Chunk } from './chunk';
import type { ReadBudget } from './readBudget';
import { chunkLength, type ReadHabits } from './readHabits';

export type Write = (chunk: Buffer) => Promise<void> | undefined;

/** How far one file may run ahead of what was written of it: two channel windows. */
const window = 4 * 1024 * 1024;
const stripedWindow = 12 * 1024 * 1024;
/** Of a file whose size is not known, READs are sent ahead the more the longer it turns out to be. */
const firstWindow = chunkLength;

/** What the readings of all files have in common. */
export interface ReadContext {
  readonly budget: ReadBudget;
  readonly habits: ReadHabits;
}

let turns = 0;

function nextTurn(): number {
  turns += 1;
  return turns;
}

/**
 * The content of one file on its way: chunks are asked for in order, arrive in any, and are written
 * in order. Its lanes (`readLane.ts`), one for each channel that takes part, send the requests.
 */
export class FileReading {
  /** Settles when all bytes are written, or with the first error. */
  readonly done: Promise<void>;
  readonly entry: Entry;
  /** Rises with every file that is begun. */
  readonly turn = nextTurn();
  /** More bytes than were listed are there. */
  hasGrown = false;
  /** It ended before the listed size. */
  isShort = false;
  /** A part had to be asked for again, after the lane asked for the attributes. */
  wasAskedAgain = false;
  isSettled = false;
  readonly #write: Write;
  readonly #budget: ReadBudget;
  readonly #habits: ReadHabits;
  readonly #mostWindow: number;
  #window: number;
  readonly #chunks: Chunk[] = [];
  #settle: (error?: unknown) => void = () => undefined;
  #next: number;
  #written: number;
  #isAllAsked = false;
  #isWriting = false;
  #whenRoom = new Set<() => void>();

  constructor(
    entry: Entry,
    offset: number,
    write: Write,
    { budget, habits }: ReadContext,
    striped: boolean,
  ) {
    this.entry = entry;
    this.#write = write;
    this.#budget = budget;
    this.#habits = habits;
    this.#mostWindow = striped ? stripedWindow : window;
    this.#window = entry.size === undefined ? firstWindow : this.#mostWindow;
    this.#next = offset;
    this.#written = offset;
    this.done = new Promise((resolve, reject) => {
      this.#settle = (error) => {
        this.isSettled = true;
        if (error === undefined) resolve();
        else
          reject(
            error instanceof Error
              ? error
              : new Error('The content was not taken.', { cause: error }),
          );
      };
    });
    // Whoever started the reading looks at it later.
    this.done.catch(() => undefined);
  }

  get isAllAsked(): boolean {
    return this.#isAllAsked;
  }

  /** The next part to ask for; undefined if there is none now. `whenRoom` is called when there may be. */
  nextChunk(mostBytes: number, whenRoom: () => void): Chunk | undefined {
    if (this.#isAllAsked || this.isSettled) return undefined;
    if (this.#next - this.#written >= this.#window) {
      this.#whenRoom.add(whenRoom);
      return undefined;
    }
    const rest = Math.max(0, (this.entry.size ?? Infinity) - this.#next);
    const isLast = rest < mostBytes;
    const probesAtOnce = !this.#habits.failsPastEnd;
    const chunk = new Chunk(this.#next, isLast ? rest : mostBytes, isLast, probesAtOnce);
    if (!this.#budget.take(chunk.length, whenRoom)) return undefined;
    this.#next += chunk.length;
    this.#isAllAsked = isLast;
    this.#chunks.push(chunk);
    return chunk;
  }

  /** The chunk has all its bytes. */
  completed(chunk: Chunk): void {
    if (this.isSettled) this.#budget.giveBack(chunk.length);
    else if (!this.#isWriting && chunk === this.#chunks[0]) void this.#writeOn();
  }

  /** The file ends within the chunk. */
  ended(chunk: Chunk): void {
    if (chunk.received < chunk.length) {
      this.isShort = this.entry.size !== undefined;
      this.#isAllAsked = true;
    }
    chunk.isComplete = true;
    this.completed(chunk);
  }

  /** The chunk will not come. */
  dropped(chunk: Chunk, error: unknown): void {
    if (this.isSettled) this.#budget.giveBack(chunk.length);
    else this.fail(error, chunk);
  }

  /** Ends the reading; what is still to come is thrown away. `lost` is a chunk that will not come. */
  fail(error: unknown, lost?: Chunk): void {
    if (this.isSettled) return;
    this.#settle(error);
    // Chunks that are still awaited give their part back when they are answered.
    for (const chunk of this.#chunks) {
      if (chunk.isComplete || chunk === lost) this.#budget.giveBack(chunk.length);
    }
    this.#chunks.length = 0;
  }

  async #writeOn(): Promise<void> {
    this.#isWriting = true;
    try {
      for (let [chunk] = this.#chunks; chunk?.isComplete === true; [chunk] = this.#chunks) {
        for (const piece of chunk.pieces) {
          const taken = this.#write(piece);
          if (taken) await taken;
          if (this.isSettled) return;
        }
        this.#chunks.shift();
        this.#written += chunk.length;
        this.#budget.giveBack(chunk.length);
        if (chunk.received < chunk.length) this.#endHere();
        this.#window = Math.min(2 * this.#window, this.#mostWindow);
        this.#makeRoom();
      }
      if (this.#isAllAsked && this.#chunks.length === 0) this.#settle();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#isWriting = false;
    }
  }

  /** What was asked for behind the end of the file is of no interest. */
  #endHere(): void {
    for (const chunk of this.#chunks) if (chunk.isComplete) this.#budget.giveBack(chunk.length);
    this.#chunks.length = 0;
    this.#settle();
  }

  #makeRoom(): void {
    if (this.#whenRoom.size === 0) return;
    const waiting = this.#whenRoom;
    this.#whenRoom = new Set();
    for (const tryAgain of waiting) tryAgain();
  }
}
