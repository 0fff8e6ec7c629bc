import type { EntryType } from '../../../src/model/entry';

/** One way to list, as a server was seen or reported to do it. A new report is a new row. */
export interface ListingCase {
  readonly what: string;
  /** The lines as bytes (`latin1`), without their ends. */
  readonly lines: readonly string[];
  readonly entries: readonly ExpectedEntry[];
}

export interface ExpectedEntry {
  readonly name: string;
  /** Default: `file`. */
  readonly type?: EntryType;
  /** Bytes; absent: the line does not tell. */
  readonly size?: number;
  /** Seconds since 1970; absent: the line does not tell. */
  readonly mtime?: number;
  readonly target?: string;
}

/** The moment at which these listings were made: 23 November 2026, 07:30, in milliseconds since 1970. */
export const listedAt = Date.UTC(2026, 10, 23, 7, 30);

/** Seconds since 1970 of a moment in UTC, the month from 1. */
export function at(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  sec = 0,
): number {
  return Date.UTC(year, month - 1, day, hour, minute, sec) / 1000;
}

/** A text as its bytes of UTF-8. */
export function utf8(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1');
}

/** A row with one file. */
export function one(what: string, line: string, entry: ExpectedEntry): ListingCase {
  return { what, lines: [line], entries: [entry] };
}
