import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import type { Entry } from '../../model/entry';
import { isWithin, parentOf, type RemotePath } from '../../model/remotePath';
import { usualLimits } from './limits';
import { FileTable } from './fileTable';
import { requestOrder } from './listOrder';
import { Listing, nothingListed } from './listing';
import type { RsyncServer, Question } from './rsyncServer';
import type { RsyncSession } from './rsyncSession';
import type { ServerFault, ServerTexts } from './serverTexts';
import { Transfer } from './transfer';

/** Error bit of a list: something could not be read (rsync rsync.h: IOERR_GENERAL). */
const somethingUnread = 1;

/** A list with what is unknown in it, and the session it came from as long as that can bring files. */
export interface OpenList {
  readonly listing: Listing;
  /** Folders that could not be listed, with the reason; the root if it cannot be told which. */
  readonly faults: ReadonlyMap<RemotePath, BackupError>;
  /** Undefined once it has ended. */
  readonly session: RsyncSession | undefined;
  /** The version that was spoken. */
  readonly protocol: number;
}

/**
 * Lists what the question asks for, and tries again after a transient failure. Throws the error of the
 * root if that could not be listed: a list without entries is never an answer.
 */
export function openList(
  server: RsyncServer,
  question: Question,
  signal: AbortSignal,
): Promise<OpenList> {
  const { clock } = server.environment;
  return retry(() => openListOnce(server, question, signal), clock, signal);
}

/** A list whose session stands ready to bring files. */
export interface FileList {
  readonly listing: Listing;
  readonly session: RsyncSession;
}

/** Lists once more, only to fetch: what could not be listed is of no interest then. */
export async function openForFiles(
  server: RsyncServer,
  question: Question,
  signal: AbortSignal,
): Promise<FileList> {
  const session = await server.open(question, signal);
  const listing = await session.guarded(signal, () => readListing(session, question));
  return { listing, session };
}

async function openListOnce(
  server: RsyncServer,
  question: Question,
  signal: AbortSignal,
): Promise<OpenList> {
  const { session, listing } = await openForFiles(server, question, signal);
  const { protocol } = session;
  const isToldUnread = (session.errorBits & somethingUnread) !== 0;
  if (!isToldUnread && !session.mayBeOpenrsync && !session.texts.areOfOpenrsync) {
    return { listing, faults: new Map(), session, protocol };
  }
  // Only when the server has ended, all that it says on standard error has surely come.
  await session.guarded(signal, () => endWithoutFiles(session));
  const { texts } = session;
  const isUnread = isToldUnread || texts.unclear || texts.faults.length > 0;
  const faults = isUnread ? faultsOf(listing, texts) : new Map<RemotePath, BackupError>();
  return { listing, faults, session: undefined, protocol };
}

async function readListing(session: RsyncSession, question: Question): Promise<Listing> {
  const table = await session.readList(question.rules ?? []);
  if (table.count === 0) {
    await session.ended();
    throw errorOfRoot(session.texts);
  }
  const granularity = session.protocol >= 31 ? 0.000001 : 1;
  return new Listing(question.root, question.extent, table, granularity);
}

/** The root as the list has it; a file or link is its only entry. */
export function rootEntry({ listing }: OpenList): Entry | undefined {
  const position = listing.find(listing.root);
  return position === undefined ? undefined : listing.entry(position);
}

async function endWithoutFiles(session: RsyncSession): Promise<void> {
  const nobody = {
    receive: () => Promise.reject(new TypeError('Nothing was asked for.')),
    left: () => Promise.resolve(undefined),
    skip: () => Promise.resolve(),
    warn: () => undefined,
  };
  const nothing = new FileTable(usualLimits);
  const order = requestOrder(nothing, session.protocol);
  const transfer = new Transfer(session, order, nobody, () => Promise.resolve());
  transfer.finish();
  await transfer.receive();
  await session.ended();
}

function errorOfRoot(texts: ServerTexts): BackupError {
  const [fault] = texts.faults;
  if (fault) return errorOf(fault);
  const said = texts.summary;
  return said === ''
    ? nothingListed()
    : new BackupError('protocol', `The server listed nothing; it says: ${said}`);
}

export function errorOf(fault: ServerFault): BackupError {
  return new BackupError(fault.kind, fault.message);
}

/** Operations that fail on a folder as a whole; the others fail on an entry of one. */
const onFolders: ReadonlySet<string> = new Set(['opendir', 'readdir', 'change_dir', 'closedir']);
const onEntries: ReadonlySet<string> = new Set(['readlink_stat', 'link_stat', 'stat', 'readlink']);

/**
 * Which folders are unknown, going by what the server says. Where anything that it says cannot be told
 * to concern a folder of the list, everything counts as unknown.
 */
export function faultsOf(listing: Listing, texts: ServerTexts): Map<RemotePath, BackupError> {
  const found = new Map<RemotePath, BackupError>();
  let unclear = texts.unclear;
  for (const fault of texts.faults) {
    if (fault.operation === 'vanished') continue;
    const folder = folderOf(listing, fault);
    if (folder === undefined) unclear = true;
    else found.set(folder, errorOf(fault));
  }
  if (unclear || found.size === 0) {
    const message = `The server could not list everything; it says: ${texts.summary}`;
    found.set(listing.root, new BackupError('protocol', message));
  }
  return found;
}

function folderOf(listing: Listing, fault: ServerFault): RemotePath | undefined {
  const path = placeOf(fault.path, listing.root);
  if (path === undefined) return undefined;
  if (!onFolders.has(fault.operation) && !onEntries.has(fault.operation)) return undefined;
  const isEntry = onEntries.has(fault.operation) && path !== listing.root;
  const folder = isEntry ? parentOf(path) : path;
  if (!isWithin(folder, listing.root)) return undefined;
  const position = listing.find(folder);
  return position === undefined ? undefined : folder;
}

/**
 * The path that a text of the server means: what it calls `/var/www` may be below a folder that it does
 * not show us (rrsync), so the root is looked for anywhere in it.
 */
export function placeOf(told: string, root: RemotePath): RemotePath | undefined {
  const trimmed = told.length > 1 ? told.replace(/\/+$/, '') : told;
  if (root === '') return trimmed.slice(1) as RemotePath;
  const whole = `/${root}`;
  if (trimmed.endsWith(whole)) return root;
  const at = trimmed.indexOf(`${whole}/`);
  return at === -1 ? undefined : (trimmed.slice(at + 1) as RemotePath);
}
