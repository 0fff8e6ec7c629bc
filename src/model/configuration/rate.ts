const multiples: Readonly<Record<string, number>> = { '': 1, k: 1e3, m: 1e6, g: 1e9 };
const binaryMultiples: Readonly<Record<string, number>> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };

/** Bytes per second of a rate such as `4MB/s`, `500kB/s` or `1MiB/s`, which the schema has checked. */
export function parseRate(rate: string): number {
  const match = /^([\d.]+)\s*([kmg]?)(i?)B\/s$/i.exec(rate);
  const multiple = (match?.[3] ? binaryMultiples : multiples)[match?.[2]?.toLowerCase() ?? ''] ?? 1;
  return Number(match?.[1] ?? 0) * multiple;
}
