import type { BackupError } from '../../base/errors';
import { type ErrorKind } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { absolute, type RemotePath } from '../../model/remotePath';
import type { ReadOutcome } from '../fileServer';
import type { Connection } from './connection';
import { isDone, isUnknownCommand, kindByText, refusal } from './refusal';
import type { Reply } from './reply';

export type Write = (chunk: Buffer) => Promise<void> | undefined;

/** So much more than was listed is still taken and thrown away: cheaper than a new login. */
const mostSurplus = 262_144;

/** The surplus of a file that grows faster than that. */
class Surplus extends Error {}

/** Counts what comes: the first bytes may be unwanted, the last are surplus. */
class Portion {
  #skip = 0;
  #left: number;
  #surplus = 0;
  #restart: Promise<void> | undefined;
  readonly #write: Write;

  /** @param size undefined: everything is wanted */
  constructor(size: number | undefined, write: Write) {
    this.#left = size ?? Infinity;
    this.#write = write;
  }

  /** Whether the file ended before it had the bytes that were listed. */
  get isMissing(): boolean {
    return this.#left > 0 && this.#left < Infinity;
  }

  get grown(): boolean {
    return this.#surplus > 0;
  }

  /**
   * Data that come before `restarted` is known wait for it: a server that does not do REST sends the
   * bytes before the offset too, and they are to be skipped.
   */
  expectRestart(restarted: Promise<number>): void {
    this.#restart = restarted.then((skip) => {
      this.#skip = skip;
      this.#restart = undefined;
    });
  }

  readonly receive = (chunk: Buffer): Promise<void> | undefined => {
    return this.#restart === undefined
      ? this.#take(chunk)
      : this.#restart.then(() => this.#take(chunk));
  };

  #take(chunk: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    const wanted = chunk.subarray(skipped, skipped + this.#left);
    this.#left -= wanted.length;
    this.#surplus += chunk.length - skipped - wanted.length;
    if (this.#surplus > mostSurplus) throw new Surplus();
    return wanted.length === 0 ? undefined : this.#write(wanted);
  }
}

/**
 * Reads a file as `FileServer.read` promises, from the path that the server understands. REST and
 * RETR (RFC 3659, section 5) go out together. A file without a known size ends where the server says
 * that the transfer is complete.
 */
export async function readFile(
  connection: Connection,
  entry: Entry,
  wirePath: string,
  offset: number,
  write: Write,
): Promise<ReadOutcome> {
  const portion = new Portion(entry.size === undefined ? undefined : entry.size - offset, write);
  const reply = await retrieve(connection, wirePath, offset, portion);
  if (reply === undefined) return { grown: true };
  if (!isDone(reply)) throw await refusedFile(connection, entry.path, wirePath, reply);
  return { grown: portion.grown, ...(portion.isMissing && { short: true }) };
}

/** The final reply; undefined if the transfer was stopped because more came than anybody wants. */
async function retrieve(
  connection: Connection,
  wirePath: string,
  offset: number,
  portion: Portion,
): Promise<Reply | undefined> {
  const before = offset > 0 ? [`REST ${offset}`] : [];
  let onRestart: (reply: Reply) => void = () => undefined;
  if (offset > 0) {
    const restarted = new Promise<number>((resolve) => {
      onRestart = (reply) => resolve(reply.code === 350 ? 0 : offset);
    });
    portion.expectRestart(restarted);
  }
  try {
    const command = `RETR /${wirePath}`;
    const { reply } = await connection.transfer(before, command, portion.receive, onRestart);
    return reply;
  } catch (error) {
    if (error instanceof Surplus) return undefined;
    throw error;
  }
}

/**
 * Why a file was refused. vsftpd says "Failed to open file" whatever the reason: whether the file
 * is there at all, SIZE tells.
 */
async function refusedFile(
  connection: Connection,
  path: RemotePath,
  wirePath: string,
  reply: Reply,
): Promise<BackupError> {
  const what = `${absolute(path)} could not be read`;
  if (reply.code !== 550 && reply.code !== 553 && reply.code !== 450) return refusal(reply, what);
  const told = kindByText(reply);
  if (told !== undefined) return refusal(reply, what, told);
  const size = await connection.ask(`SIZE /${wirePath}`);
  return refusal(reply, what, kindBySize(size));
}

function kindBySize(size: Reply): ErrorKind {
  if (isDone(size) || isUnknownCommand(size)) return 'permission';
  return kindByText(size) ?? 'not-found';
}
