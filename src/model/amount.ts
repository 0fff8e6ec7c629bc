/** How much is to be read: a share of all contents from 0 to 1, or what can be read in so many milliseconds. */
export type Amount = { readonly share: number } | { readonly milliseconds: number };

/** `10%`, `0.5%`: a share, more than nothing and at most all. Undefined if it is none. */
export function parseShare(text: string): Amount | undefined {
  const found = /^(\d{1,3}(?:\.\d{1,6})?)\s*%$/.exec(text.trim());
  const share = Number(found?.[1]) / 100;
  return share > 0 && share <= 1 ? { share } : undefined;
}

const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
/** Seconds. A longer one would not fit a timer, and is no limit. */
const longest = 14 * 86_400;

/** `90s`, `10m`, `1h30m`, `2d`. Undefined if it is none, or more than 14 days. */
export function parseDuration(text: string): Amount | undefined {
  const trimmed = text.trim();
  const parts = [...trimmed.matchAll(/(\d{1,7})\s*([smhd])\s*/gy)];
  const length = parts.reduce((sum, [part]) => sum + part.length, 0);
  const seconds = parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit as keyof typeof units],
    0,
  );
  const isRight = length === trimmed.length && seconds > 0 && seconds <= longest;
  return isRight ? { milliseconds: 1000 * seconds } : undefined;
}
