import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Attributes as Found } from '../../sources/sftp/attributes';
import { fstat, lstat } from '../../sources/sftp/calls';
import type { SftpChannel } from '../../sources/sftp/channel';
import { status } from '../../sources/sftp/constants';
import { onServer, shown } from '../../sources/sftp/entries';
import { ownerToTake } from '../ownerToTake';
import { sizeFault, type Attributes, type Content, type OwnedAttributes } from '../target';
import type { RemotePath } from '../../model/remotePath';
import type { SendBudget } from './sendBudget';
import { ask, create, writeError } from './writeCalls';
import { closePacket, setOpenPacket, writePacket, type Attribute } from './writeRequests';

/** Every server must take so much in one packet (section 3 of the draft). */
const blockBytes = 32_768;

/** Only its owner may look into a file that is not whole and has not got its rights yet. */
const newMode = 0o600;

/**
 * Writes a new file: three round trips for a small one. Resolves with what could not be set. Throws
 * `changed` if the server then has another size of it.
 */
export async function uploadFile(
  channel: SftpChannel,
  place: RemotePath,
  content: Content,
  attributes: OwnedAttributes,
  budget: SendBudget,
  signal: AbortSignal,
): Promise<readonly Attribute[]> {
  const path = onServer(place);
  const [handle, like] = await Promise.all([
    create(channel, path, attributes.mode === undefined ? undefined : newMode, shown(place)),
    attributes.like === undefined ? undefined : ownerOf(channel, attributes.like),
  ]);
  const own = like && fstat(channel, handle, shown(place)).then(({ owner }) => owner, noOwner);
  try {
    await sendContent(channel, handle, content, budget, shown(place), signal);
  } catch (error) {
    void ask(channel, (id) => closePacket(id, handle)).catch(() => undefined);
    throw error;
  }
  const mine = await own;
  const owner = like && mine && ownerToTake(mine, like);
  // Giving a file away takes some of its rights: they come after it.
  const wanted = [...(owner ? [{ owner }] : []), ...eachOf(attributes)];
  const setting = wanted.map((one) => ask(channel, (id) => setOpenPacket(id, handle, one)));
  const looking = fstat(channel, handle, shown(place)).catch(unlessUnknown);
  const closing = ask(channel, (id) => closePacket(id, handle));
  const [answers, found, closed] = await Promise.all([Promise.all(setting), looking, closing]);
  // A quota or a disk behind the server may only be noticed here.
  if (closed.code !== status.ok) throw writeError(closed, shown(place));
  const fault = sizeFault(found?.size, content.size);
  if (fault !== undefined) throw new BackupError('changed', `${shown(place)}: ${fault}.`);
  return wanted.filter((_one, index) => answers[index]?.code !== status.ok);
}

/** The attributes one by one, as servers stop at the first that they refuse. */
export function eachOf({ mode, mtime }: Attributes): Attribute[] {
  return [...(mode === undefined ? [] : [{ mode }]), ...(mtime === undefined ? [] : [{ mtime }])];
}

/** Many blocks are under way at once. Throws the first failure of any. */
async function sendContent(
  channel: SftpChannel,
  handle: Buffer,
  content: Content,
  budget: SendBudget,
  about: string,
  signal: AbortSignal,
): Promise<void> {
  let failure: { readonly error: unknown } | undefined;
  const underWay = new Set<Promise<void>>();
  let position = 0;
  try {
    for await (const chunk of content.read()) {
      for (let start = 0; start < chunk.length; start += blockBytes) {
        throwIfAborted(signal);
        if (failure) throw failure.error;
        const block = chunk.subarray(start, start + blockBytes);
        await budget.take(block.length);
        const offset = position;
        position += block.length;
        const sent = ask(channel, (id) => writePacket(id, handle, offset, block))
          .then((answer) => {
            if (answer.code !== status.ok) throw writeError(answer, about);
          })
          .catch((error: unknown) => (failure ??= { error }))
          .then(() => {
            budget.giveBack(block.length);
            underWay.delete(sent);
          });
        underWay.add(sent);
      }
    }
  } finally {
    await Promise.all(underWay);
  }
  if (failure) throw failure.error;
}

async function ownerOf(channel: SftpChannel, path: RemotePath): Promise<Found['owner']> {
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
