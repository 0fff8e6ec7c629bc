/**
 * Milliseconds in which the scheduler looks at all servers at least once: it wakes every minute, and a look
 * reads a report or two of each.
 */
const longestWithoutLook = 180_000;

/**
 * Why a scheduler is not well, or undefined if it is.
 * @param lastLook when it last was through with all servers, or began; in monotonic milliseconds
 */
export function ailmentOf(lastLook: number, now: number): string | undefined {
  const silent = now - lastLook;
  if (silent <= longestWithoutLook) return undefined;
  return `The scheduler has not looked at the servers for ${Math.round(silent / 1000)} seconds.`;
}
