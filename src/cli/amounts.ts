import { InvalidArgumentError } from 'commander';

/** `10%`, `0.5%`: a share from 0 to 1. */
export function parseShare(text: string): number {
  const found = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(text.trim());
  const share = Number(found?.[1]) / 100;
  if (share > 0 && share <= 1) return share;
  throw new InvalidArgumentError('Accepted is a share such as 10%, more than 0% and at most 100%.');
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
/** A longer one would not fit a timer, and is no limit. */
const longest = 30 * 86_400;

/** `90s`, `10m`, `1h30m`, `2d`: in milliseconds. */
export function parseDuration(text: string): number {
  const parts = [...text.trim().matchAll(/(\d{1,7})\s*([smhd])\s*/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );
  if (length === text.trim().length && seconds > 0 && seconds <= longest) return 1000 * seconds;
  throw new InvalidArgumentError('Accepted is a time such as 90s, 10m or 1h30m, at most 30d.');
}
