import { parseRate } from './rate';

/** How much may be received, by the time of day: the entry that began last counts. */
export type Bandwidth = readonly {
  /** Minutes since midnight, by this computer's clock. */
  readonly from: number;
  /** Bytes per second; undefined: without limit. */
  readonly rate: number | undefined;
}[];

const rate = String.raw`(?=\d*\.?\d*[1-9])\d+(?:\.\d+)?\s*(?:[kKMG]i?)?B\/s`;
const entry = String.raw`(?:[01]\d|2[0-3]):[0-5]\d\s+(?:${rate}|off)`;

/** A rate (`4MB/s`), or a timetable (`08:00 2MB/s, 20:00 off`). */
export const bandwidthForm = new RegExp(String.raw`^(?:${rate}|${entry}(?:\s*,\s*${entry})*)$`);

/** Reads what `bandwidthForm` has checked; in the order of the day. */
export function parseBandwidth(text: string): Bandwidth {
  const entries = text.split(',').map((part) => {
    const [, hour, minute, limit] = /^\s*(\d\d):(\d\d)\s+(.*?)\s*$/.exec(part) ?? [];
    if (limit === undefined) return { from: 0, rate: parseRate(part) };
    const from = Number(hour) * 60 + Number(minute);
    return { from, rate: limit === 'off' ? undefined : parseRate(limit) };
  });
  return entries.sort((a, b) => a.from - b.from);
}

/** Bytes per second at a moment, or undefined where there is no limit. Before the first entry of a day the last one goes on. */
export function rateAt(bandwidth: Bandwidth, moment: Date): number | undefined {
  const minutes = moment.getHours() * 60 + moment.getMinutes();
  const begun = bandwidth.filter(({ from }) => from <= minutes);
  return (begun.at(-1) ?? bandwidth.at(-1))?.rate;
}
