import { BackupError } from '../../../base/errors';
import type { EntryType } from '../../../model/entry';

/** One line of a listing. Names and targets are byte strings, nothing trimmed from them. */
export interface Listed {
  readonly name: string;
  readonly type: EntryType;
  /** Bytes; 0 for what has no content. */
  readonly size: number;
  /** Seconds since 1970. */
  readonly mtime?: number;
  /** How precise `mtime` is, in seconds. */
  readonly granularity: number;
  readonly mode?: number;
  readonly target?: string;
}

export interface Listing {
  readonly entries: readonly Listed[];
  /** Whether there was a line for the folder itself. */
  readonly itself: boolean;
  /** Lines that are no entries: what a line feed in a name leaves, as a rule. */
  readonly strange: readonly string[];
}

/** Reads one line of a dialect. */
export type LineParser = (line: string) => Listed | 'folder' | 'nothing' | undefined;

/** Names have at most 1,020 bytes, targets 4,096. */
const longestLine = 8192;
const mostEntries = 2_000_000;

/** Reads a whole listing. Throws `protocol` if it is none, or beyond all measure. */
export function parseListing(text: string, parse: LineParser): Listing {
  const entries: Listed[] = [];
  const strange: string[] = [];
  let itself = false;
  for (const raw of text.split('\n')) {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (line === '') continue;
    if (line.length > longestLine) throw tooMuch('a line that is too long');
    const found = parse(line);
    if (found === undefined) strange.push(line);
    else if (found === 'folder') itself = true;
    else if (found !== 'nothing') entries.push(found);
    if (entries.length > mostEntries) throw tooMuch('more entries than any folder has');
  }
  if (strange.length > 0 && entries.length === 0 && !itself) {
    throw new BackupError('protocol', 'The server sent a listing that cannot be understood.');
  }
  return { entries, itself, strange };
}

function tooMuch(what: string): BackupError {
  return new BackupError('protocol', `The server sent a listing with ${what}.`);
}
