/** What a server may send at most, checked before anything is allocated for it. */
export interface RsyncLimits {
  /** Entries of one list. */
  readonly entries: number;
  /** Bytes of all names and targets of one list. */
  readonly nameBytes: number;
  /** Bytes of all messages of one session. */
  readonly messageBytes: number;
}

export const usualLimits: RsyncLimits = {
  entries: 20_000_000,
  nameBytes: 2 ** 31,
  messageBytes: 2 ** 27,
};

/** Bytes of a name and of a link's target, as on Linux (PATH_MAX). */
export const longestName = 4096;
/** Entries of the folder `.`, a file, a folder or a link. */
export const mostNanoseconds = 999_999_999;
