import { BackupError } from '../../base/errors';
import { absolute } from '../../model/remotePath';
import type { Folder, FolderConnection } from './folder';
import { withOrder } from './listing/dateOrder';
import type { Listing } from './listing/listed';
import { listParser, type Reading } from './listing/listParser';
import { parseMlsdLine } from './listing/mlsd';
import { parseListing } from './listing/parseListing';
import { lookAt } from './lookAt';
import { isDone, kindByText, refusal } from './refusal';
import { textOfReply, type Reply } from './reply';

/** One answer to a command that lists a folder. The listing is empty if the reply is a refusal. */
export interface View {
  readonly listing: Listing;
  readonly reply: Reply;
  readonly text: string;
}

export type ListingCommand = 'MLSD' | 'LIST -a' | 'LIST';

/** More text than the listing of a million files. */
const longestListing = 64 * 1024 * 1024;

/**
 * One transfer of a listing, in the folder that CWD has entered. Throws `CannotEnter` where the server
 * does not say why that failed. `now` in seconds since 1970.
 */
export async function viewBy(
  connection: FolderConnection,
  folder: Folder,
  command: ListingCommand,
  now: number,
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
  const machine = command === 'MLSD' ? machineListing(text) : undefined;
  return { reply, text, listing: machine ?? (await plainListing(connection, folder, text, now)) };
}

/** Undefined: some servers take MLSD for LIST and answer in the form of that. */
function machineListing(text: string): Listing | undefined {
  const listing = parseListing(text, parseMlsdLine);
  const isOne = listing.itself || listing.entries.length + listing.named.length > 0;
  return isOne || listing.strange.length === 0 ? listing : undefined;
}

async function plainListing(
  connection: FolderConnection,
  folder: Folder,
  text: string,
  now: number,
): Promise<Listing> {
  const { isDoubtful, listing } = readAs('twoParts', text, now);
  if (!isDoubtful || connection.habits.timesInTwoParts === true) return listing;
  const written = readAs('asWritten', text, now).listing;
  if (connection.habits.timesInTwoParts === false) return written;
  // What looks like a part of the time may begin all names: the server knows which are its names.
  const suspects = [written, listing].map(({ entries }) => ({ name: entries[0]?.name ?? '' }));
  const [whole, short] = await lookAt(connection, folder, suspects);
  if (whole === undefined && short === undefined) return written;
  connection.habits.timesInTwoParts = whole === undefined;
  return whole === undefined ? listing : written;
}

function readAs(
  reading: Reading,
  text: string,
  now: number,
): { readonly isDoubtful: boolean; readonly listing: Listing } {
  const { line, order, isDoubtful } = listParser(text, now, reading);
  const listing = parseListing(text, line);
  return { isDoubtful, listing: { ...listing, entries: withOrder(listing.entries, order()) } };
}

/** Whether an answer says anything of the folder that can be understood. */
export function showsSomething({ reply, listing }: View): boolean {
  const { entries, named, itself } = listing;
  return isDone(reply) && (itself || entries.length + named.length > 0);
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

function cannotEnter(folder: Folder, reply: Reply): BackupError | CannotEnter {
  const told = kindByText(reply);
  const vague = told === undefined && (reply.code === 550 || reply.code === 450);
  return vague ? new CannotEnter(reply) : refusal(reply, cannotList(folder), told);
}

export function cannotList(folder: Folder): string {
  return `${absolute(folder.path)} could not be listed`;
}
