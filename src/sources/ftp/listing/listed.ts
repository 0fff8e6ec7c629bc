import type { EntryType } from '../../../model/entry';
import type { FoundDate } from './dateForms';
import type { Order } from './dateParts';

/** One line of a listing. Names and targets are byte strings, nothing trimmed from them. */
export interface Listed {
  readonly name: string;
  readonly type: EntryType;
  /** Bytes; 0 for what has no content. Absent for a file whose size the line does not tell. */
  readonly size?: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** How precise `mtime` is, in seconds. */
  readonly granularity: number;
  readonly mode?: number;
  readonly target?: string;
  /** The moments that the line could mean, where the lines around it tell which; `mtime` is the likelier one. */
  readonly either?: FoundDate['either'];
}

/** A line that gives a name, and nothing certain beside it. */
export interface Named {
  readonly named: string;
  /** What the line makes likely. */
  readonly hint?: EntryType;
  /** What it is if the server shows nothing more of it. */
  readonly otherwise?: Listed | 'nothing';
}

/** What one line says. Undefined: it is not understood. */
export type LineContent = Listed | Named | 'folder' | 'nothing' | undefined;

/** Reads one line of a dialect. */
export type LineParser = (line: string) => LineContent;

/** Reads the lines of one listing, and gathers what they tell of one another. */
export interface ListingParser {
  readonly line: LineParser;
  /** Whether the names may be longer than they were read: see `timesInTwoParts`. */
  readonly isDoubtful: boolean;
  /** Which of day and month comes first, if the lines have shown that. */
  readonly order: () => Order | undefined;
}

export interface Listing {
  readonly entries: readonly Listed[];
  /** Names of which the lines do not tell what they are. */
  readonly named: readonly Named[];
  /** Whether there was a line for the folder itself. */
  readonly itself: boolean;
  /** Lines that are not understood: they may be entries, or what a line feed in a name leaves. */
  readonly strange: readonly string[];
}

export function isNamed(content: Listed | Named): content is Named {
  return 'named' in content;
}

/** The entry of a name that is `.`, `..` or that of anything else. */
export function placed(entry: Listed | Named): LineContent {
  const name = isNamed(entry) ? entry.named : entry.name;
  if (name === '' || name === '/') return undefined;
  if (name === '.' || name === './') return 'folder';
  return name === '..' || name === '../' ? 'nothing' : entry;
}
