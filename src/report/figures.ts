const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** `1.4 GB`: decimal units, at most one digit behind the point. */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && value < 10 ? 1 : 0;
  return `${value.toFixed(digits)} ${units[unit] ?? ''}`;
}

/** `3 h 12 min`, `45 s`. */
export function durationText(seconds: number): string {
  if (seconds < 60)
    return `${seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1,204 files`, `1 file`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** `1,204` */
export function grouped(count: number): string {
  // Grouped by hand: the first use of Intl costs 12 ms.
  return String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}
