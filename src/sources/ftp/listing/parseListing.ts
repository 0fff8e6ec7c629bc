import { BackupError } from '../../../base/errors';
import { isNamed, type LineParser, type Listed, type Listing, type Named } from './listed';
import { recordsOf } from './records';

/** Names have at most 1,020 bytes, targets 4,096. */
const longestLine = 8192;
const mostEntries = 2_000_000;

/**
 * Reads a whole listing; what is not understood is in it as it came. Lines that are the same count
 * once. Throws `protocol` beyond all measure.
 */
export function parseListing(text: string, parse: LineParser): Listing {
  const entries: Listed[] = [];
  const named: Named[] = [];
  const strange: string[] = [];
  let itself = false;
  for (const line of recordsOf(text, parse)) {
    if (line.length > longestLine) throw tooMuch('a line that is too long');
    const found = parse(line);
    if (found === undefined) strange.push(line);
    else if (found === 'folder') itself = true;
    else if (found === 'nothing') continue;
    else if (isNamed(found)) named.push(found);
    else entries.push(found);
    if (entries.length + named.length + strange.length > mostEntries) {
      throw tooMuch('more entries than any folder has');
    }
  }
  return { entries, named, itself, strange };
}

function tooMuch(what: string): BackupError {
  return new BackupError('protocol', `The server sent a listing with ${what}.`);
}
