/**
 * Writing over FTP and FTPS (RFC 959, 3659), over the same connections as reading. The protocol has no
 * links; times and rights are set by commands that servers have or have not.
 */
import { randomBytes } from 'node:crypto';
import { BackupError } from '../../base/errors';
import { endpointOf, type Server } from '../../model/configuration/server';
import type { EntryType } from '../../model/entry';
import { absolute, childPath, nameOf, parentOf, type RemotePath } from '../../model/remotePath';
import { temporaryName } from '../../model/temporaryName';
import type { Environment } from '../../sources/environment';
import type { Connection } from '../../sources/ftp/connection';
import { openFtpServer, type FtpServer } from '../../sources/ftp/ftpServer';
import { isDone } from '../../sources/ftp/refusal';
import type { Reply } from '../../sources/ftp/reply';
import type { FileServer } from '../../sources/fileServer';
import {
  sizeFault,
  type Attributes,
  type Content,
  type OwnedAttributes,
  type Standing,
  type Target,
} from '../target';
import { Attributing, type Named } from './attributing';
import { uploadFile } from './uploadFile';
import { writeRefusal } from './writeRefusal';

/** Logs in at once. Errors as `openFtpServer`. */
export async function openFtpTarget(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Target> {
  const opened = await openFtpServer(server, environment, signal);
  const { facts } = await opened.use(signal, ({ features }) => Promise.resolve(features));
  // Pure-FTPd, known by its fact `sizd`, writes `name_` where `name ` is asked for.
  return new FtpTarget(endpointOf(server), opened, facts.has('sizd'));
}

class FtpTarget implements Target {
  readonly label: string;
  readonly reader: FileServer;
  /** LIST shows no more of the rights, and where there are facts, they are no more either. */
  readonly comparableMode = 0o777;
  readonly notes = new Set<string>();
  readonly #server: FtpServer;
  readonly #attributing = new Attributing(this.notes);

  readonly #changesLastSpace: boolean;

  constructor(label: string, server: FtpServer, changesLastSpace: boolean) {
    this.label = label;
    this.reader = server;
    this.#server = server;
    this.#changesLastSpace = changesLastSpace;
  }

  /** Twice the connections, so that each finds its next file waiting. */
  get writingWidth(): number {
    return this.#server.readingWidth;
  }

  faultOf({ path, type }: { path: RemotePath; type: EntryType }): string | undefined {
    if (type === 'symlink') return 'FTP has no command that makes symbolic links.';
    if (/[\r\n\0]/.test(path)) return 'FTP has no way to write a name with a line break.';
    const isChanged = this.#changesLastSpace && path.endsWith(' ');
    return isChanged ? 'This server cannot write a name that ends with a space.' : undefined;
  }

  upload(
    place: RemotePath,
    content: Content,
    attributes: OwnedAttributes,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#server.use(signal, async (connection) => {
      const { commands, learn } = this.#attributing.ofNew(
        connection,
        this.#named(place),
        attributes,
      );
      const path = this.#server.wirePath(place);
      const replies = await uploadFile(connection, place, path, content, commands, signal);
      await learn(replies);
      const size = sizeIn(replies);
      const fault = sizeFault(size, content.size);
      if (fault !== undefined) throw new BackupError('changed', `${absolute(place)}: ${fault}.`);
    });
  }

  makeLink(place: RemotePath): Promise<void> {
    const message = `${absolute(place)} is a symbolic link, which FTP cannot make.`;
    return Promise.reject(new BackupError('protocol', message));
  }

  replace(from: RemotePath, to: RemotePath, aside: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#server.use(signal, async (connection) => {
      const answer = await this.#rename(connection, from, to);
      if (!isDone(answer)) await this.#replaceInSteps(connection, { from, to, aside }, answer);
    });
  }

  makeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#server.use(signal, async (connection) => {
      const path = this.#server.wirePath(place);
      const answer = await connection.ask(`MKD /${path}`);
      if (isDone(answer)) return;
      // Servers say 550 for what is there as for what may not be.
      if (isDone(await connection.ask(`CWD /${path}`))) return;
      await this.#makeAndRename(connection, place, answer);
    });
  }

  setAttributes(
    { place, type }: Standing,
    attributes: Attributes,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#server.use(signal, (connection) =>
      this.#attributing.set(connection, { ...this.#named(place), type }, attributes),
    );
  }

  removeFile(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#remove('DELE', place, signal);
  }

  removeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#remove('RMD', place, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server[Symbol.asyncDispose]();
  }

  /** ProFTPD makes no folder with `*` in its name, but gives one that name. */
  async #makeAndRename(connection: Connection, place: RemotePath, refused: Reply): Promise<void> {
    const name = temporaryName(randomBytes(8).toString('hex'), 'part');
    const part = childPath(parentOf(place), name);
    const made = await connection.ask(`MKD /${this.#server.wirePath(part)}`);
    if (!isDone(made)) throw writeRefusal(refused, place, 'could not be made');
    const answer = await this.#rename(connection, part, place);
    if (isDone(answer)) return;
    await connection.ask(`RMD /${this.#server.wirePath(part)}`);
    throw writeRefusal(answer, place, 'could not be made');
  }

  /** Both halves in one go, and the port for the next transfer with them. */
  async #rename(connection: Connection, from: RemotePath, to: RemotePath): Promise<Reply> {
    const [first, second] = await connection.askTogetherAndPrepare([
      `RNFR /${this.#server.wirePath(from)}`,
      `RNTO /${this.#server.wirePath(to)}`,
    ]);
    const refused = first !== undefined && first.code !== 350 ? first : second;
    if (refused === undefined) throw new BackupError('connection', 'The server did not answer.');
    return refused;
  }

  /**
   * IIS, embedded servers, and ProFTPD with `AllowOverwrite off` rename onto nothing that is there: the
   * old one is put aside first, and back if the new one cannot take its place.
   */
  async #replaceInSteps(
    connection: Connection,
    { from, to, aside }: Readonly<Record<'from' | 'to' | 'aside', RemotePath>>,
    answer: Reply,
  ): Promise<void> {
    const moved = await this.#rename(connection, to, aside);
    if (!isDone(moved)) throw writeRefusal(answer, to, 'could not be put in its place');
    this.notes.add(
      'The server cannot replace a file in one step: the old one was put aside, the new one put in its place, and then the old one removed.',
    );
    const placed = await this.#rename(connection, from, to);
    if (!isDone(placed)) {
      await this.#rename(connection, aside, to);
      throw writeRefusal(placed, to, 'could not be put in its place');
    }
    await connection.ask(`DELE /${this.#server.wirePath(aside)}`);
  }

  async #remove(command: 'DELE' | 'RMD', place: RemotePath, signal: AbortSignal): Promise<void> {
    const answer = await this.#server.use(signal, (connection) =>
      connection.ask(`${command} /${this.#server.wirePath(place)}`),
    );
    if (isDone(answer)) return;
    // The text of a refusal is no proof that there is nothing.
    const found = await this.#server.stat(place, signal).catch((error: unknown) => {
      if (error instanceof BackupError && error.kind === 'not-found') return undefined;
      throw error;
    });
    if (found) throw writeRefusal(answer, place, 'could not be removed');
  }

  #named(place: RemotePath): Named {
    return {
      folder: this.#server.wirePath(parentOf(place)),
      name: this.#server.wirePath(nameOf(place) as RemotePath),
    };
  }
}

/** What the server says to SIZE, in bytes. */
function sizeIn([, reply]: readonly Reply[]): number | undefined {
  return reply?.code === 213 ? Number.parseInt(reply.lines[0] ?? '', 10) : undefined;
}
