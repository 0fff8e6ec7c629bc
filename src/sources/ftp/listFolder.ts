import { BackupError } from '../../base/errors';
import type { Clock } from '../../base/clock';
import type { Log } from '../../base/log';
import { absolute, printable } from '../../model/remotePath';
import { withExactTimes } from './exactTimes';
import { withSizes } from './exactSizes';
import type { Folder, FolderConnection } from './folder';
import { completed } from './listing/completed';
import { dotTargets } from './listing/dotLinks';
import type { Listed, Listing, Named } from './listing/listed';
import { cannotList, showsSomething, viewBy, type View } from './listingView';
import { namesIn } from './nameList';
import { isDone, isUnknownCommand, kindByText, refusal } from './refusal';
import { textOfReply } from './reply';
import { allUnknown, settleUnknown } from './unknownParts';

/** What is known of a folder, and what is known to be unknown. */
export interface FolderContent {
  readonly entries: readonly Listed[];
  /** Names that the server told and shows nothing of. */
  readonly unknown: readonly string[];
  /** Lines of the listing that nothing explains. */
  readonly strange: readonly string[];
}

/** A view, and the names that only LIST has where MLSD is what counts. */
interface Found extends View {
  readonly beyond?: readonly Named[];
}

/**
 * The entries of a folder. Every listing begins with a CWD, as it refuses what a listing would show
 * as empty: a missing folder (vsftpd), one without the right to enter (ProFTPD), a file. Throws
 * `CannotEnter` where the server does not say why, `protocol` for a listing of which nothing can be
 * understood; else errors as `FileServer.list`.
 */
export async function listFolder(
  connection: FolderConnection,
  folder: Folder,
  clock: Clock,
  log: Log,
): Promise<FolderContent> {
  const now = clock.now() / 1000;
  const found: Found = connection.features.machineListing
    ? await machineListing(connection, folder, now)
    : await plainListing(connection, folder, now);
  requireWhole(connection, folder, found);
  return contentOf(connection, folder, found.listing, log, found.beyond);
}

/**
 * A folder that is empty all of a sudden, by every other way that there is: LIST without an option, as
 * some servers take one for a name, and NLST. What the first of them shows that shows anything.
 */
export async function listOtherwise(
  connection: FolderConnection,
  folder: Folder,
  clock: Clock,
  log: Log,
): Promise<FolderContent> {
  const view = await viewBy(connection, folder, 'LIST', clock.now() / 1000);
  const { entries, named, strange } = view.listing;
  if (entries.length + named.length + strange.length > 0) {
    return contentOf(connection, folder, view.listing, log);
  }
  const names = ((await namesIn(connection, folder)) ?? []).map((name) => ({ named: name }));
  const listing = { entries: [], named: names, strange: [], itself: true };
  return contentOf(connection, folder, listing, log);
}

async function contentOf(
  connection: FolderConnection,
  folder: Folder,
  listing: Listing,
  log: Log,
  beyond: readonly Named[] = [],
): Promise<FolderContent> {
  const { entries, unknown, strange } = await settleUnknown(connection, folder, listing, beyond);
  for (const line of strange.slice(0, mostLogged)) {
    log.warn(`${absolute(folder.path)}: not understood: ${printable(line.slice(0, 1000))}`);
  }
  if (entries.length + unknown.length === 0 && strange.length > 0 && !listing.itself) {
    throw allUnknown(folder, strange);
  }
  const sized = await withSizes(connection, folder, entries);
  return { entries: await withExactTimes(connection, folder, sized), unknown, strange };
}

/** So many lines of one listing go into the log. */
const mostLogged = 1000;

async function machineListing(
  connection: FolderConnection,
  folder: Folder,
  now: number,
): Promise<Found> {
  const view = await viewBy(connection, folder, 'MLSD', now);
  if (!isDone(view.reply) && isUnknownCommand(view.reply)) {
    return plainListing(connection, folder, now);
  }
  // Pure-FTPd says "Can't check for file existence" here; that the folder exists, CWD has told.
  if (!isDone(view.reply)) {
    throw refusal(view.reply, cannotList(folder), kindByText(view.reply) ?? 'permission');
  }
  if (!needsSecondView(connection, view)) return view;
  const second = await secondView(connection, folder, now);
  if (second === undefined) return view;
  if (!showsSomething(view) && second.listing.entries.length > 0) return second;
  const { beyond, ...listing } = completed(view.listing, second.listing, dotTargets(view.text));
  return { ...view, listing, beyond };
}

/** Undefined where LIST is refused, or of a form that nobody knows: MLSD is enough then. */
async function secondView(
  connection: FolderConnection,
  folder: Folder,
  now: number,
): Promise<View | undefined> {
  try {
    return await plainListing(connection, folder, now);
  } catch (error) {
    const final = error instanceof BackupError && error.scope === 'entry' && !error.transient;
    if (final && connection.failure === undefined) return undefined;
    throw error;
  }
}

/**
 * ProFTPD 1.3.8 leaves dangling links out of MLSD, calls a FIFO a file (whose RETR would hang), and
 * tells no target of a link; LIST does all that. Pure-FTPd, known by its fact `sizd`, only lacks the
 * targets. What an unknown server leaves out cannot be seen, so it is asked for both.
 */
function needsSecondView(connection: FolderConnection, view: View): boolean {
  if (!connection.features.facts.has('sizd') || !showsSomething(view)) return true;
  const { entries, named } = view.listing;
  return (
    named.length > 0 ||
    entries.some((entry) => entry.type === 'symlink' && entry.target === undefined)
  );
}

/**
 * LIST, with `-a` where that does no harm. Servers that take the option for a name refuse it, or answer
 * with nothing at all: as long as it has shown nothing, LIST is asked without it too.
 */
async function plainListing(
  connection: FolderConnection,
  folder: Folder,
  now: number,
): Promise<View> {
  const { habits } = connection;
  const view = await viewBy(connection, folder, habits.list, now);
  if (showsSomething(view)) {
    if (habits.list === 'LIST -a') habits.listOptionWorks = true;
    return view;
  }
  if (habits.list === 'LIST' || habits.listOptionWorks) return orRefusal(view, folder);
  const plain = await viewBy(connection, folder, 'LIST', now);
  const isSilent = !showsSomething(plain) && plain.listing.strange.length === 0;
  if (isSilent && isDone(view.reply)) return view;
  // Without the option, hidden files may be missing: it is given up only for good reason.
  if (showsSomething(plain) || (isDone(plain.reply) && !isDone(view.reply))) habits.list = 'LIST';
  return orRefusal(plain, folder);
}

function orRefusal(view: View, folder: Folder): View {
  if (isDone(view.reply)) return view;
  throw refusal(view.reply, cannotList(folder), kindByText(view.reply) ?? 'permission');
}

/**
 * vsftpd and Pure-FTPd say in the final reply, after an empty listing, that the folder could not be
 * opened, and Pure-FTPd that it left entries out. ProFTPD says nothing, but its `LIST -a` and its
 * MLSD have a line for the folder itself whenever they could open it.
 */
function requireWhole(
  connection: FolderConnection,
  folder: Folder,
  { listing, reply }: View,
): void {
  const text = textOfReply(reply);
  if (/truncated/i.test(text))
    throw refusal(reply, `Not all of ${absolute(folder.path)} is listed`);
  if (listing.itself) connection.habits.listsItself = true;
  if (listing.entries.length + listing.named.length > 0) return;
  const silent = connection.habits.listsItself && !listing.itself;
  if (silent || /failed to open|unable to (read|open)|denied/i.test(text)) {
    throw refusal(reply, cannotList(folder), 'permission');
  }
}
