/** 64 TiB. A larger number is no size of a file but a fault: no file is lost by it, as it is read to its end. */
const most = 2 ** 46;

/**
 * The size that a server tells, in bytes, if it can be one. Undefined if it is negative, as where 32
 * bits have overflowed, or beyond all sense: then nothing is known of the size.
 */
export function sizeIfPossible(told: number): number | undefined {
  return Number.isInteger(told) && told >= 0 && told <= most ? told : undefined;
}

/**
 * Whether a file that is listed so may be the known one, as far as sizes tell: a listing without a size
 * tells nothing, and one that was wrong before is expected to be wrong again.
 */
export function hasSizeOf(listed: Sized, known: Sized & { readonly listed?: number }): boolean {
  const { size } = listed;
  return size === undefined || size === known.size || size === known.listed;
}

interface Sized {
  /** Bytes. */
  readonly size?: number;
}
