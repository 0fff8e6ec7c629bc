/** Times of FTP listings without a time zone may be off by as much as a day. */
const vagueMargin = 86_400;

/** Up to this precision, in seconds, files are read late enough to rule the race out (`settling`). */
export const finest = 1;

/**
 * The racy-clean rule: a file that was written again within the same tick of its time, after it was
 * read, looks the same. With times coarser than a second only a file that was old when it was read is
 * proven.
 * @param readAt seconds since 1970, not later than the reading
 */
export function isProven(mtime: number, granularity: number, readAt: number): boolean {
  return granularity <= finest || Math.abs(readAt - mtime) > granularity + vagueMargin;
}

interface Dated {
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** Precision of `mtime` in seconds. */
  readonly granularity?: number;
}

/** Whether two times are the same at the coarser of their precisions. Unknown times are not. */
export function hasSameTime(one: Dated, other: Dated): boolean {
  if (one.mtime === undefined || other.mtime === undefined) return false;
  const granularity = Math.max(one.granularity ?? finest, other.granularity ?? finest);
  return tick(one.mtime, granularity) === tick(other.mtime, granularity);
}

function tick(mtime: number, granularity: number): number {
  return granularity < 1 ? Math.round(mtime / granularity) : Math.floor(mtime / granularity);
}

const secondsThatClocksDiffer = 900;
/** Beyond the tick itself, for the time between listing and its answer. */
const settleMargin = 500;

/**
 * How long to wait, in milliseconds after its listing, before a file is read: long enough that a
 * write after the reading must get another time than the one that was listed. Zero for files that
 * were not touched lately by any clock that is right within a quarter of an hour.
 */
export function settling({ mtime, granularity }: Dated, now: number): number {
  if (mtime === undefined || granularity === undefined || granularity > finest) return 0;
  const age = now / 1000 - mtime;
  return Math.abs(age) > secondsThatClocksDiffer ? 0 : granularity * 1000 + settleMargin;
}
