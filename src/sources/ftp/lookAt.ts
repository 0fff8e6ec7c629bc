import type { EntryType } from '../../model/entry';
import type { Folder, FolderConnection } from './folder';
import { momentOf } from './listing/dates';
import { isNamed, type Listed } from './listing/listed';
import { listedOf } from './listing/listedOf';
import { parseMlsdLine } from './listing/mlsd';
import { sizeIn } from './listing/sizes';
import { isDone } from './refusal';
import type { Reply } from './reply';

/** So many names are asked for at once: a round trip for all of them, and little memory. */
const batch = 100;

/** A name in a folder, and what a line makes likely of it. */
export interface Suspect {
  readonly name: string;
  readonly hint?: EntryType;
}

/**
 * What the server tells of names in a folder one by one: MLST where it is offered (RFC 3659, section
 * 7), else whether a name has a size (a file) or can be entered (a folder). Undefined for what it shows
 * nothing of.
 */
export async function lookAt(
  connection: FolderConnection,
  folder: Folder,
  suspects: readonly Suspect[],
): Promise<(Listed | undefined)[]> {
  const found: (Listed | undefined)[] = [];
  for (let start = 0; start < suspects.length; start += batch) {
    found.push(...(await lookAtSome(connection, folder, suspects.slice(start, start + batch))));
  }
  return found;
}

async function lookAtSome(
  connection: FolderConnection,
  folder: Folder,
  suspects: readonly Suspect[],
): Promise<(Listed | undefined)[]> {
  const found = new Map<Suspect, Listed>();
  const speakable = suspects.filter(({ name }) => canBeSaid(name));
  if (connection.features.machineListing) {
    const replies = await asked(connection, commandsFor(['MLST'], folder, speakable));
    speakable.forEach((suspect, index) => {
      const listed = listedBy(suspect, replies[index]);
      if (listed !== undefined) found.set(suspect, listed);
    });
  }
  const left = speakable.filter((suspect) => !found.has(suspect));
  const replies = await asked(connection, commandsFor(['SIZE', 'MDTM', 'CWD'], folder, left));
  for (const [index, suspect] of left.entries()) {
    const [size, time, entered] = replies.slice(index * 3, index * 3 + 3);
    const listed = judged(suspect, size, time, entered);
    if (listed === undefined) continue;
    const isProven = listed.type !== 'directory' || suspect.hint === 'directory';
    if (isProven || !(await entersAnything(connection, folder))) found.set(suspect, listed);
  }
  return suspects.map((suspect) => found.get(suspect));
}

/** Whether CWD proves nothing: the gateways of some object stores have no folders, and enter any. */
async function entersAnything(connection: FolderConnection, folder: Folder): Promise<boolean> {
  if (connection.habits.entersAnything !== undefined) return connection.habits.entersAnything;
  const [reply] = await connection.askAll([
    `CWD ${wirePathOf(folder, 'is there any such folder?')}`,
  ]);
  return (connection.habits.entersAnything = reply !== undefined && isDone(reply));
}

/** Nothing at all must not be sent either: it would be an empty line, which is answered. */
function asked(connection: FolderConnection, commands: readonly string[]): Promise<Reply[]> {
  return commands.length === 0 ? Promise.resolve([]) : connection.askAll(commands);
}

/** Whether a command can have the name as its argument. */
export function canBeSaid(name: string): boolean {
  return name !== '' && !/[\r\n\0]/.test(name);
}

/** The name of something in a folder, as commands take it. */
export function wirePathOf(folder: Folder, name: string): string {
  return folder.wirePath === '' ? `/${name}` : `/${folder.wirePath}/${name}`;
}

function commandsFor(
  verbs: readonly string[],
  folder: Folder,
  suspects: readonly Suspect[],
): string[] {
  return suspects.flatMap(({ name }) => verbs.map((verb) => `${verb} ${wirePathOf(folder, name)}`));
}

function listedBy({ name }: Suspect, reply: Reply | undefined): Listed | undefined {
  if (reply === undefined || !isDone(reply)) return undefined;
  const line = reply.lines[1]?.replace(/^ /, '');
  const content = line === undefined ? undefined : parseMlsdLine(line);
  if (typeof content !== 'object' || isNamed(content)) return undefined;
  return { ...content, name };
}

/**
 * Some servers give folders a size, and some enter whatever is asked: where both say yes, the line
 * decides, and without its help it is a file, which shows itself to be none when it is read.
 */
function judged(
  { name, hint }: Suspect,
  size: Reply | undefined,
  time: Reply | undefined,
  entered: Reply | undefined,
): Listed | undefined {
  const isFile = size?.code === 213;
  const isFolder = entered !== undefined && isDone(entered);
  if (isFolder && (hint === 'directory' || (hint === undefined && !isFile))) {
    return { name, type: 'directory', size: 0, granularity: 1 };
  }
  if (!isFile || hint === 'directory') return undefined;
  return listedOf({
    name,
    type: 'file',
    size: sizeIn(firstLine(size)),
    moment: time?.code === 213 ? momentOf(firstLine(time)) : undefined,
    granularity: 1,
  });
}

function firstLine(reply: Reply): string {
  return (reply.lines[0] ?? '').trim();
}
