/**
 * Writing over SFTP version 3, with the extensions of OpenSSH where the server has them, over the same
 * login as reading.
 */
import { BackupError } from '../../base/errors';
import { endpointOf, type Server } from '../../model/configuration/server';
import { parentOf, type RemotePath } from '../../model/remotePath';
import type { Environment } from '../../sources/environment';
import { lstat, readLink } from '../../sources/sftp/calls';
import type { SftpChannel } from '../../sources/sftp/channel';
import { status } from '../../sources/sftp/constants';
import { onServer, shown } from '../../sources/sftp/entries';
import { LastingConnection } from '../../sources/sftp/lastingConnection';
import { SftpServer } from '../../sources/sftp/sftpServer';
import { typeOf } from '../../sources/sftp/attributes';
import type { Attributes, Content, OwnedAttributes, Standing, Target } from '../target';
import { SendBudget } from './sendBudget';
import { NewOwners } from './newOwners';
import { folderNotGiven, ownerToTake } from '../ownerToTake';
import { eachOf, ownerOf, uploadFile, type Uploading } from './uploadFile';
import { ask, order, writeError } from './writeCalls';
import {
  linkPacket,
  lsetstat,
  makeFolderPacket,
  posixRename,
  removePacket,
  renamePacket,
  replacePacket,
  setLinkPacket,
  setPacket,
  type Attribute,
} from './writeRequests';

const mostUnanswered = 8 * 1024 * 1024;

/** Logs in at once. Errors as `LastingConnection.open`. */
export async function openSftpTarget(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<Target> {
  const connection = await LastingConnection.open(server, environment, signal);
  return new SftpTarget(endpointOf(server), connection);
}

class SftpTarget implements Target {
  readonly label: string;
  readonly reader: SftpServer;
  /** As many as are read at once: what is under way is bounded by bytes. */
  readonly writingWidth = 128;
  readonly comparableMode = 0o7777;
  readonly notes = new Set<string>();
  readonly #connection: LastingConnection;
  readonly #uploading: Uploading;

  constructor(label: string, connection: LastingConnection) {
    this.label = label;
    this.#connection = connection;
    this.reader = new SftpServer(connection);
    const { handles } = this.reader;
    this.#uploading = { handles, budget: new SendBudget(mostUnanswered), owners: new NewOwners() };
  }

  faultOf(): undefined {
    return undefined;
  }

  upload(
    place: RemotePath,
    content: Content,
    attributes: OwnedAttributes,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#use(signal, async (channel) => {
      const missed = await uploadFile(channel, place, content, attributes, this.#uploading, signal);
      for (const attribute of missed) this.#note(attribute);
    });
  }

  makeLink(
    place: RemotePath,
    target: string,
    { mtime }: Attributes,
    signal: AbortSignal,
  ): Promise<void> {
    return this.#use(signal, async (channel) => {
      await makeLink(channel, place, target);
      if (mtime === undefined || !channel.extensions.has(lsetstat)) return;
      await ask(channel, (id) => setLinkPacket(id, onServer(place), { mtime }));
    });
  }

  replace(from: RemotePath, to: RemotePath, aside: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#use(signal, async (channel) => {
      if (channel.extensions.has(posixRename)) {
        const build = (id: number): Buffer => replacePacket(id, onServer(from), onServer(to));
        const answer = await ask(channel, build);
        if (answer.code === status.ok) return;
        if (answer.code !== status.unsupported) throw writeError(answer, shown(to));
      }
      await this.#replaceInSteps(channel, from, to, aside);
    });
  }

  makeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#use(signal, async (channel) => {
      const answer = await ask(channel, (id) => makeFolderPacket(id, onServer(place)));
      if (answer.code === status.ok) return this.#giveAway(channel, place);
      // Version 3 has no code for what is there already.
      const found = await lstat(channel, onServer(place), shown(place)).catch(() => undefined);
      if (!found || typeOf(found) !== 'directory') throw writeError(answer, shown(place));
    });
  }

  /** A new folder is to be whose the folder above is. */
  async #giveAway(channel: SftpChannel, place: RemotePath): Promise<void> {
    const [own, wanted] = await Promise.all([
      ownerOf(channel, place),
      ownerOf(channel, parentOf(place)),
    ]);
    const owner = own && wanted && ownerToTake(own, wanted);
    if (!owner) return;
    const answer = await ask(channel, (id) => setPacket(id, onServer(place), { owner }));
    const note = answer.code === status.ok ? undefined : folderNotGiven(own);
    if (note !== undefined) this.notes.add(note);
  }

  setAttributes({ place }: Standing, attributes: Attributes, signal: AbortSignal): Promise<void> {
    return this.#use(signal, async (channel) => {
      await Promise.all(
        eachOf(attributes).map(async (attribute) => {
          const answer = await ask(channel, (id) => setPacket(id, onServer(place), attribute));
          if (answer.code !== status.ok) this.#note(attribute);
        }),
      );
    });
  }

  removeFile(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#remove(place, 'file', signal);
  }

  removeFolder(place: RemotePath, signal: AbortSignal): Promise<void> {
    return this.#remove(place, 'folder', signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#connection[Symbol.asyncDispose]();
  }

  #remove(place: RemotePath, kind: 'file' | 'folder', signal: AbortSignal): Promise<void> {
    return this.#use(signal, async (channel) => {
      const answer = await ask(channel, (id) => removePacket(id, onServer(place), kind));
      if (answer.code !== status.ok && answer.code !== status.noSuchFile) {
        throw writeError(answer, shown(place));
      }
    });
  }

  /** A plain rename, which never replaces: what is in the way is put aside first, and back if that fails. */
  async #replaceInSteps(
    channel: SftpChannel,
    from: RemotePath,
    to: RemotePath,
    aside: RemotePath,
  ): Promise<void> {
    const rename = (source: RemotePath, goal: RemotePath): Promise<void> =>
      order(channel, (id) => renamePacket(id, onServer(source), onServer(goal)), shown(to));
    try {
      await rename(from, to);
      return;
    } catch (error) {
      const refused = error instanceof BackupError && error.kind === 'protocol' && channel.isOpen;
      const taken = refused && (await exists(channel, to));
      if (!taken) throw error;
    }
    this.notes.add(
      'The server cannot replace a file in one step: the old one was put aside, the new one put in its place, and then the old one removed.',
    );
    await rename(to, aside);
    try {
      await rename(from, to);
    } catch (error) {
      await rename(aside, to).catch(() => undefined);
      throw error;
    }
    await ask(channel, (id) => removePacket(id, onServer(aside), 'file'));
  }

  #use<T>(signal: AbortSignal, work: (channel: SftpChannel) => Promise<T>): Promise<T> {
    return this.#connection.use(signal, ({ channel }) => work(channel));
  }

  #note(attribute: Attribute): void {
    if ('mode' in attribute)
      this.notes.add('The server refused to set the rights of some entries.');
    else if ('mtime' in attribute) {
      this.notes.add('The server refused to set the times of some entries.');
    } else this.notes.add('The server refused to keep the owner or group of some replaced files.');
  }
}

async function exists(channel: SftpChannel, path: RemotePath): Promise<boolean> {
  return lstat(channel, onServer(path), shown(path)).then(
    () => true,
    () => false,
  );
}

/**
 * The draft names the link first, OpenSSH takes its target first, and others follow the one or the
 * other: what came of it is looked at, and only OpenSSH is asked without.
 */
async function makeLink(channel: SftpChannel, place: RemotePath, target: string): Promise<void> {
  const link = onServer(place);
  const isOpenssh = [...channel.extensions].some((name) => name.endsWith('@openssh.com'));
  const byOpenssh = (id: number): Buffer => linkPacket(id, target, link);
  const byDraft = (id: number): Buffer => linkPacket(id, link, target);
  if (isOpenssh) {
    await order(channel, byOpenssh, shown(place));
    return;
  }
  const first = await ask(channel, byDraft);
  const made = await readLink(channel, link, shown(place)).catch(() => undefined);
  if (made === target) return;
  if (first.code === status.unsupported) throw writeError(first, shown(place));
  await order(channel, byOpenssh, shown(place));
}
