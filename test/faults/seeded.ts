/** Of everything in the tests that is left to chance. Printed with what fails, to repeat it. */
export const seed = Number(process.env['SAUVEGARDE_SEED'] ?? 20_261_130);

/** Gives numbers from 0 to below its parameter. */
export type Random = (below: number) => number;

/** Numbers that look random and are the same in every run (mulberry32). */
export function seeded(first: number): Random {
  let state = first >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Whether everything is tried, or only as much as fits into the tests. */
export const isEverythingTried = process.env['SAUVEGARDE_FAULTS'] === 'all';

/** Every moment of a course of operations, or a few of them. */
export function everyMoment(operations: number, few: number, random: Random): number[] {
  if (!isEverythingTried) return momentsOf(operations, Math.min(few, operations), random);
  return Array.from({ length: operations }, (_none, index) => index + 1);
}

/** So many moments of a course of operations: one at random out of each of as many equal parts. */
export function momentsOf(operations: number, moments: number, random: Random): number[] {
  const part = operations / moments;
  return Array.from({ length: moments }, (_none, index) => {
    const from = Math.floor(index * part);
    const to = Math.floor((index + 1) * part);
    return 1 + from + random(Math.max(1, to - from));
  });
}

/** One of several. */
export function one<T>(random: Random, choices: readonly T[]): T {
  return choices[random(choices.length)]!;
}
