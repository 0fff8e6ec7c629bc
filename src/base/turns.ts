import { setImmediate as nextTurn } from 'node:timers/promises';
import { systemClock } from './clock';

/** Milliseconds. An editor has one thread for all its extensions, and people notice from 50 on. */
const longestTurn = 10;

/** Long work on what is at hand, in which nothing has to be waited for, gives way to all else now and then. */
export class Turns {
  #since = systemClock.monotonic();

  get isOver(): boolean {
    return systemClock.monotonic() - this.#since >= longestTurn;
  }

  async next(): Promise<void> {
    await nextTurn();
    this.#since = systemClock.monotonic();
  }
}

/** Goes through many things so. */
export async function inTurns<T>(items: Iterable<T>, action: (item: T) => void): Promise<void> {
  const turns = new Turns();
  for (const item of items) {
    action(item);
    if (turns.isOver) await turns.next();
  }
}
