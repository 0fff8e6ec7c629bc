import { BackupError } from '../../base/errors';
import type { Clock } from '../../base/clock';
import type { Log } from '../../base/log';
import { absolute, printable } from '../../model/remotePath';
import type { Connection } from './connection';
import type { Folder } from './folder';
import { completed } from './listing/completed';
import { dotTargets } from './listing/dotLinks';
import { parseDosLine } from './listing/dosList';
import { parseListing, type Listed, type LineParser, type Listing } from './listing/listed';
import { parseMlsdLine } from './listing/mlsd';
import { unixLineParser } from './listing/unixList';
import { isDone, isUnknownCommand, kindByText, refusal } from './refusal';
import { textOfReply, type Reply } from './reply';
import { withExactTimes } from './exactTimes';

interface View {
  readonly listing: Listing;
  readonly reply: Reply;
  readonly text: string;
}

/** More text than the listing of a million files. */
const longestListing = 64 * 1024 * 1024;

/**
 * The entries of a folder. Every listing begins with a CWD, as it refuses what a listing would show
 * as empty: a missing folder (vsftpd), one without the right to enter (ProFTPD), a file. Throws
 * `CannotEnter` where the server does not say why; else errors as `FileServer.list`.
 */
export async function listFolder(
  connection: Connection,
  folder: Folder,
  clock: Clock,
  log: Log,
): Promise<Listed[]> {
  const now = clock.now() / 1000;
  const found = connection.features.machineListing
    ? await machineListing(connection, folder, now)
    : await plainListing(connection, folder, now);
  if (found.listing.strange.length > 0) {
    const [first = ''] = found.listing.strange;
    log.warn(
      `${absolute(folder.path)}: ${found.listing.strange.length} lines of the listing are no entries, such as "${printable(first.slice(0, 200))}".`,
    );
  }
  requireWhole(connection, folder, found);
  return withExactTimes(connection, folder, found.listing.entries);
}

/** The server refused CWD without a reason: only a look at the parent tells which it is. */
export class CannotEnter extends Error {
  readonly reply: Reply;

  constructor(reply: Reply) {
    super(textOfReply(reply));
    this.name = 'CannotEnter';
    this.reply = reply;
  }
}

async function machineListing(connection: Connection, folder: Folder, now: number): Promise<View> {
  const view = await viewBy(connection, folder, 'MLSD', parseMlsdLine);
  if (!isDone(view.reply) && isUnknownCommand(view.reply)) {
    return plainListing(connection, folder, now);
  }
  // Pure-FTPd says "Can't check for file existence" here; that the folder exists, CWD has told.
  if (!isDone(view.reply)) {
    throw refusal(view.reply, cannotList(folder), kindByText(view.reply) ?? 'permission');
  }
  if (!needsSecondView(connection, view.listing)) return view;
  const second = await secondView(connection, folder, now);
  if (second === undefined) return view;
  return { ...view, listing: completed(view.listing, second, dotTargets(view.text)) };
}

/** Undefined where LIST is refused, or of a form that nobody knows: MLSD is enough then. */
async function secondView(
  connection: Connection,
  folder: Folder,
  now: number,
): Promise<Listing | undefined> {
  try {
    const view = await viewBy(connection, folder, connection.habits.list, listLineParser(now));
    return isDone(view.reply) ? view.listing : undefined;
  } catch (error) {
    const strange = error instanceof BackupError && error.kind === 'protocol';
    if (strange && connection.failure === undefined) return undefined;
    throw error;
  }
}

/**
 * ProFTPD 1.3.8 leaves dangling links out of MLSD, calls a FIFO a file (whose RETR would hang), and
 * tells no target of a link; LIST does all that. Pure-FTPd, known by its fact `sizd`, only lacks the
 * targets. What an unknown server leaves out cannot be seen, so it is asked for both.
 */
function needsSecondView(connection: Connection, listing: Listing): boolean {
  if (!connection.features.facts.has('sizd')) return true;
  return listing.entries.some((entry) => entry.type === 'symlink' && entry.target === undefined);
}

async function plainListing(connection: Connection, folder: Folder, now: number): Promise<View> {
  const parse = listLineParser(now);
  const view = await viewBy(connection, folder, connection.habits.list, parse);
  if (isDone(view.reply)) return view;
  if (connection.habits.list === 'LIST' || kindByText(view.reply) === 'permission') {
    throw refusal(view.reply, cannotList(folder), kindByText(view.reply) ?? 'permission');
  }
  connection.habits.list = 'LIST';
  return plainListing(connection, folder, now);
}

/** One transfer of a listing. The listing is empty if the reply is a refusal. */
async function viewBy(
  connection: Connection,
  folder: Folder,
  command: string,
  parse: LineParser,
): Promise<View> {
  const chunks: Buffer[] = [];
  let length = 0;
  const receive = (chunk: Buffer): undefined => {
    length += chunk.length;
    if (length > longestListing) {
      throw new BackupError('protocol', `The listing of ${absolute(folder.path)} does not end.`);
    }
    chunks.push(chunk);
  };
  const enter = `CWD /${folder.wirePath}`;
  const { before, reply } = await connection.transfer([enter], command, receive);
  const [entered] = before;
  if (entered !== undefined && !isDone(entered)) throw cannotEnter(folder, entered);
  const text = isDone(reply) ? Buffer.concat(chunks).toString('latin1') : '';
  return { reply, text, listing: parseListing(text, parse) };
}

function cannotEnter(folder: Folder, reply: Reply): BackupError | CannotEnter {
  const told = kindByText(reply);
  const vague = told === undefined && (reply.code === 550 || reply.code === 450);
  return vague ? new CannotEnter(reply) : refusal(reply, cannotList(folder), told);
}

/**
 * vsftpd and Pure-FTPd say in the final reply, after an empty listing, that the folder could not be
 * opened, and Pure-FTPd that it left entries out. ProFTPD says nothing, but its `LIST -a` and its
 * MLSD have a line for the folder itself whenever they could open it.
 */
function requireWhole(connection: Connection, folder: Folder, { listing, reply }: View): void {
  const text = textOfReply(reply);
  if (/truncated/i.test(text))
    throw refusal(reply, `Not all of ${absolute(folder.path)} is listed`);
  if (listing.itself) connection.habits.listsItself = true;
  if (listing.entries.length > 0) return;
  const silent = connection.habits.listsItself && !listing.itself;
  if (silent || /failed to open|unable to (read|open)|denied/i.test(text)) {
    throw refusal(reply, cannotList(folder), 'permission');
  }
}

function cannotList(folder: Folder): string {
  return `${absolute(folder.path)} could not be listed`;
}

function listLineParser(now: number): LineParser {
  const parseUnixLine = unixLineParser(now);
  return (line) => parseUnixLine(line) ?? parseDosLine(line);
}
