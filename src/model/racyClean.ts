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
