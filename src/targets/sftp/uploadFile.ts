import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Attributes as Found } from '../../sources/sftp/attributes';
import { fstat, lstat } from '../../sources/sftp/calls';
import type { SftpChannel } from '../../sources/sftp/channel';
import { status } from '../../sources/sftp/constants';
import { onServer, shown } from '../../sources/sftp/entries';
import type { HandleLimit, OpenHandle } from '../../sources/sftp/handleLimit';
import { ownerToTake, type Owner } from '../ownerToTake';
import { sizeFault, type Attributes, type Content, type OwnedAttributes } from '../target';
import { parentOf, type RemotePath } from '../../model/remotePath';
import type { NewOwners } from './newOwners';
import type { SendBudget } from './sendBudget';
import { ask, create, writeError } from './writeCalls';
import {
  closePacket,
  removePacket,
  setOpenPacket,
  writePacket,
  type Attribute,
} from './writeRequests';

/** Every server must take so much in one packet (section 3 of the draft). */
const blockBytes = 32_768;

/** Only its owner may look into a file that is not whole and has not got its rights yet. */
const newMode = 0o600;

/** What all uploads to one server share. */
export interface Uploading {
  readonly budget: SendBudget;
  readonly handles: HandleLimit;
  readonly owners: NewOwners;
}

/**
 * Writes a new file: two round trips for a small one, as all that follows its opening is sent at once. A
 * server takes requests about one file in their order (draft-ietf-secsh-filexfer-02, section 3).
 * Resolves with what could not be set. Throws `changed` if the server then has another size of it.
 */
export async function uploadFile(
  channel: SftpChannel,
  place: RemotePath,
  content: Content,
  attributes: OwnedAttributes,
  uploading: Uploading,
  signal: AbortSignal,
): Promise<readonly Attribute[]> {
  const about = shown(place);
  const [opened, like] = await Promise.all([
    openNew(channel, place, attributes, uploading.handles, signal),
    attributes.like === undefined ? undefined : ownerOf(channel, attributes.like),
  ]);
  const handle = opened.bytes;
  const sending = new Sending(channel, handle, uploading.budget, about);
  const mine = like && ownOwner(channel, handle, place, uploading.owners);
  try {
    await sending.send(content, signal);
  } catch (error) {
    opened.close();
    throw error;
  }
  const own = mine instanceof Promise ? await mine : mine;
  const owner = like && own && ownerToTake(own, like);
  // Giving a file away takes some of its rights: they come after it.
  const wanted = [...(owner ? [{ owner }] : []), ...eachOf(attributes)];
  const setting = wanted.map((one) => ask(channel, (id) => setOpenPacket(id, handle, one)));
  const looking = fstat(channel, handle, about).catch(unlessUnknown);
  const closing = ask(channel, (id) => closePacket(id, handle)).finally(() => opened.released());
  const answered = [sending.answered(), Promise.all(setting), looking, closing] as const;
  const [, answers, found, closed] = await Promise.all(answered);
  // A quota or a disk behind the server may only be noticed here.
  if (closed.code !== status.ok) throw writeError(closed, about);
  const fault = sizeFault(found?.size, content.size);
  if (fault !== undefined) throw new BackupError('changed', `${about}: ${fault}.`);
  return wanted.filter((_one, index) => answers[index]?.code !== status.ok);
}

/** A server that refuses one handle too many may have made the file all the same (OpenSSH does). */
function openNew(
  channel: SftpChannel,
  place: RemotePath,
  { mode }: OwnedAttributes,
  handles: HandleLimit,
  signal: AbortSignal,
): Promise<OpenHandle> {
  const path = onServer(place);
  let attempts = 0;
  const open = async (): Promise<Buffer> => {
    attempts += 1;
    if (attempts > 1) await ask(channel, (id) => removePacket(id, path, 'file'));
    return await create(channel, path, mode === undefined ? undefined : newMode, shown(place));
  };
  return handles.open(channel, open, signal);
}

/** A promise only of the first in each folder: awaiting it takes a round trip. */
function ownOwner(
  channel: SftpChannel,
  handle: Buffer,
  place: RemotePath,
  owners: NewOwners,
): Owner | Promise<Owner | undefined> {
  const folder = parentOf(place);
  const found = (): Promise<Owner | undefined> =>
    fstat(channel, handle, shown(place)).then(({ owner }) => {
      if (owner) owners.learn(folder, owner);
      return owner;
    }, noOwner);
  return owners.in(folder) ?? found();
}

/** The attributes one by one, as servers stop at the first that they refuse. */
export function eachOf({ mode, mtime }: Attributes): Attribute[] {
  return [...(mode === undefined ? [] : [{ mode }]), ...(mtime === undefined ? [] : [{ mtime }])];
}

/** Sends the content of a file; many blocks are under way at once. */
class Sending {
  readonly #channel: SftpChannel;
  readonly #handle: Buffer;
  readonly #budget: SendBudget;
  readonly #about: string;
  readonly #underWay = new Set<Promise<void>>();
  #position = 0;
  #failure: { readonly error: unknown } | undefined;

  constructor(channel: SftpChannel, handle: Buffer, budget: SendBudget, about: string) {
    this.#channel = channel;
    this.#handle = handle;
    this.#budget = budget;
    this.#about = about;
  }

  /** Resolves when all is sent. Throws the first failure of what was answered so far. */
  async send(content: Content, signal: AbortSignal): Promise<void> {
    try {
      for await (const chunk of content.read()) {
        for (let start = 0; start < chunk.length; start += blockBytes) {
          throwIfAborted(signal);
          if (this.#failure) throw this.#failure.error;
          const block = chunk.subarray(start, start + blockBytes);
          await this.#budget.take(block.length);
          this.#sendBlock(block);
        }
      }
    } catch (error) {
      await Promise.all(this.#underWay);
      throw error;
    }
  }

  /** Resolves when all is answered. Throws the first failure of any. */
  async answered(): Promise<void> {
    await Promise.all(this.#underWay);
    if (this.#failure) throw this.#failure.error;
  }

  #sendBlock(block: Buffer): void {
    const offset = this.#position;
    this.#position += block.length;
    const sent = ask(this.#channel, (id) => writePacket(id, this.#handle, offset, block))
      .then((answer) => {
        if (answer.code !== status.ok) throw writeError(answer, this.#about);
      })
      .catch((error: unknown) => (this.#failure ??= { error }))
      .then(() => {
        this.#budget.giveBack(block.length);
        this.#underWay.delete(sent);
      });
    this.#underWay.add(sent);
  }
}

/** Undefined where the server does not tell. */
export async function ownerOf(channel: SftpChannel, path: RemotePath): Promise<Found['owner']> {
  return (await lstat(channel, onServer(path), shown(path)).catch(unlessUnknown))?.owner;
}

function noOwner(): undefined {
  return undefined;
}

/** What the server does not tell is believed; a connection that is lost is not. */
function unlessUnknown(error: unknown): undefined {
  if (error instanceof BackupError && !error.transient && error.scope === 'entry') return undefined;
  throw error;
}
