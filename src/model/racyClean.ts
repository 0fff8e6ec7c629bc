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
