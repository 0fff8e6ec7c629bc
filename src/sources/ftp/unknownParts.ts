import { BackupError } from '../../base/errors';
import { absolute, printable } from '../../model/remotePath';
import type { Folder, FolderConnection } from './folder';
import type { Listed, Listing, Named } from './listing/listed';
import { canBeSaid, lookAt, type Suspect } from './lookAt';
import { namesIn } from './nameList';

/** Of a listing: what is certain, and what is not. */
export interface Settled {
  readonly entries: readonly Listed[];
  /** Names that the server told and shows nothing of. */
  readonly unknown: readonly string[];
  /** Lines that stay unexplained: there may be more in the folder than the entries. */
  readonly strange: readonly string[];
}

/** So many lines are looked into with one round trip. */
const linesAtOnce = 50;
/** Where no list of names helps, a line may hide its name at so many places. */
const mostPlaces = 8;

/**
 * Looks at what a listing names without telling what it is, and at what its strange lines may be: by
 * the names that NLST gives, or else by whatever part of a line the server knows as a name. Costs
 * nothing where every line was understood.
 */
export async function settleUnknown(
  connection: FolderConnection,
  folder: Folder,
  listing: Listing,
  beyond: readonly Named[] = [],
): Promise<Settled> {
  const { named, strange, entries } = listing;
  if (named.length + strange.length + beyond.length === 0) {
    return { entries, unknown: [], strange };
  }
  const known = new Set(entries.map(({ name }) => name));
  const told = await lookAtNamed(connection, folder, named);
  // Lines of LIST that MLSD does not confirm count only if the server knows their names.
  const more = (await lookAtNamed(connection, folder, beyond)).entries;
  for (const { name } of [...told.entries, ...more]) known.add(name);
  for (const name of told.unknown) known.add(name);
  const explained = await explain(connection, folder, strange, known);
  return {
    entries: [...entries, ...told.entries, ...more, ...explained.entries],
    unknown: told.unknown,
    strange: explained.strange,
  };
}

async function lookAtNamed(
  connection: FolderConnection,
  folder: Folder,
  named: readonly Named[],
): Promise<{ entries: Listed[]; unknown: string[] }> {
  const suspects = named.map(({ named: name, hint }) => ({ name, ...(hint && { hint }) }));
  const found = await lookAt(connection, folder, suspects);
  const entries: Listed[] = [];
  const unknown: string[] = [];
  named.forEach(({ named: name, otherwise }, index) => {
    const listed = found[index] ?? otherwise;
    if (listed === undefined) unknown.push(name);
    else if (listed !== 'nothing') entries.push(listed);
  });
  return { entries, unknown };
}

interface Explained {
  readonly entries: readonly Listed[];
  readonly strange: readonly string[];
}

async function explain(
  connection: FolderConnection,
  folder: Folder,
  lines: readonly string[],
  known: ReadonlySet<string>,
): Promise<Explained> {
  if (lines.length === 0) return { entries: [], strange: [] };
  const names = (await namesIn(connection, folder)) ?? [];
  const unlisted = names.filter((name) => !known.has(name)).sort((a, b) => b.length - a.length);
  const entries = new Map<string, Listed>();
  const strange: string[] = [];
  for (let start = 0; start < lines.length; start += linesAtOnce) {
    const some = lines.slice(start, start + linesAtOnce);
    const found = await explainSome(connection, folder, some, unlisted, known);
    // A form of which nothing can be made out will not get better further down.
    if (found.entries.length === 0)
      return { ...found, strange: [...strange, ...lines.slice(start)] };
    for (const entry of found.entries) entries.set(entry.name, entry);
    strange.push(...found.strange);
  }
  const rest = unlisted.filter((name) => !entries.has(name)).map((named) => ({ named }));
  for (const entry of (await lookAtNamed(connection, folder, rest)).entries) {
    entries.set(entry.name, entry);
  }
  return { entries: [...entries.values()], strange };
}

async function explainSome(
  connection: FolderConnection,
  folder: Folder,
  lines: readonly string[],
  unlisted: readonly string[],
  known: ReadonlySet<string>,
): Promise<Explained> {
  const places = lines.map((line) => {
    const named = unlisted.find((name) => hasWord(line, name));
    const names = named === undefined ? placesIn(line) : [named];
    const suspects = names.filter((name) => !known.has(name) && canBeSaid(name));
    return {
      line,
      isNamed: named !== undefined,
      suspects: suspects.map((name) => suspect(name, line)),
    };
  });
  const all = places.flatMap(({ suspects }) => suspects);
  const looked = await lookAt(connection, folder, all);
  const entries: Listed[] = [];
  const strange: string[] = [];
  let at = 0;
  for (const { line, isNamed, suspects } of places) {
    const found = looked
      .slice(at, at + suspects.length)
      .find((listed) => listed !== undefined && (isNamed || isCertain(listed, line)));
    at += suspects.length;
    if (found === undefined) strange.push(line);
    else entries.push(found);
  }
  return { entries, strange };
}

function suspect(name: string, line: string): Suspect {
  if (/^d[-rwxsStT]{9}/.test(line) || /<DIR>/.test(line)) return { name, hint: 'directory' };
  return /^-[-rwxsStT]{9}/.test(line) ? { name, hint: 'file' } : { name };
}

/** A guess that can be entered proves nothing on servers that enter whatever is asked for. */
function isCertain({ type }: Listed, line: string): boolean {
  return type !== 'directory' || suspect('', line).hint === 'directory';
}

/** Whether a line has the name, with a blank, a tab or nothing at either side of it. */
function hasWord(line: string, name: string): boolean {
  const at = line.lastIndexOf(name);
  if (at < 0) return false;
  const [before, behind] = [line[at - 1] ?? ' ', line[at + name.length] ?? ' '];
  return /\s/.test(before) && /\s/.test(behind);
}

/** What a line may name: what begins at any of its words, the longest first, and its first word. */
function placesIn(line: string): string[] {
  const words = [...line.matchAll(/(?<=\s)\S/g)].map(({ index }) => line.slice(index));
  const [first = ''] = line.trimStart().split(/\s/, 1);
  return [line, ...words.slice(-mostPlaces), first];
}

/** So much of the lines goes into a message; the log has more. */
const mostShown = 20;
const longestShown = 500;

/**
 * Why a folder may hold more than is known: the lines that are not understood, cut and made harmless,
 * and what is wrong with names that were refused.
 */
export function partlyUnknown(
  folder: Folder,
  strange: readonly string[],
  refused: readonly string[],
): BackupError {
  const faults = [...(strange.length === 0 ? [] : [notUnderstood(strange)]), ...capped(refused)];
  const message = `Something in ${absolute(folder.path)} may be missing. ${faults.join(' ')}`;
  return new BackupError(kindOf(strange), message);
}

/** Why nothing is known of a folder: an old system lists it, or it is no listing at all. */
export function allUnknown(folder: Folder, strange: readonly string[]): BackupError {
  const message = `The listing of ${absolute(folder.path)} cannot be understood. ${notUnderstood(strange)}`;
  return new BackupError(kindOf(strange), message);
}

function kindOf(strange: readonly string[]): 'permission' | 'protocol' {
  return strange.some((line) => /permission denied/i.test(line)) ? 'permission' : 'protocol';
}

function notUnderstood(strange: readonly string[]): string {
  const lines = strange.map((line) => JSON.stringify(shortened(line)));
  const what = lines.length === 1 ? 'a line that is' : `${lines.length} lines that are`;
  return `The server sent ${what} not understood: ${capped(lines).join(', ')}.`;
}

function capped(texts: readonly string[]): readonly string[] {
  if (texts.length <= mostShown) return texts;
  return [...texts.slice(0, mostShown), `and ${texts.length - mostShown} more`];
}

function shortened(line: string): string {
  const text = printable(line.slice(0, longestShown));
  return line.length > longestShown ? `${text}…` : text;
}
