import { abortReason, throwIfAborted, whenAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { ReadOutcome } from '../fileServer';
import type { Attributes } from './attributes';
import { openFile } from './calls';
import { onServer, shown } from './entries';
import { FileReading, type ReadContext, type Write } from './fileReading';
import type { HandleLimit } from './handleLimit';
import { ReadLane } from './readLane';
import type { ReadQueue } from './readQueue';

export interface ReaderContext extends ReadContext {
  readonly handles: HandleLimit;
}

/**
 * Reads a file from `offset` on over the given channels, all at once: opens it, asks for its parts
 * and for its attributes behind them, and closes it without waiting, which is two round trips for a
 * small file. An empty file is opened too, so that one that may not be read is noticed.
 */
export async function readFile(
  queues: readonly ReadQueue[],
  entry: Entry,
  offset: number,
  write: Write,
  context: ReaderContext,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  throwIfAborted(signal);
  const striped = queues.length > 1;
  const reading = new FileReading(entry, offset, write, context, striped);
  const lanes: ReadLane[] = [];
  const takeBack = whenAborted(signal, () => reading.fail(abortReason(signal)));
  const opener: Opener = { reading, context, lanes, asksAttributes: !striped, signal };
  const [first, ...others] = queues
    .filter((_queue, index) => index === 0 || context.handles.hasRoom)
    .map((queue) => openLane(opener, queue));
  // A channel that cannot open the file leaves the work to the others.
  for (const opening of others) opening.catch(() => undefined);
  first?.catch((error: unknown) => reading.fail(error));
  try {
    await reading.done;
    const [lane] = lanes;
    if (!lane) return { grown: false };
    const isFresh = lane.attributes !== undefined && !reading.wasAskedAgain;
    const attributes = isFresh ? lane.attributes : lane.askAttributes();
    return outcomeOf(reading, await attributesIfTold(attributes));
  } finally {
    takeBack();
    for (const lane of lanes) lane.close();
  }
}

interface Opener {
  readonly reading: FileReading;
  readonly context: ReaderContext;
  readonly lanes: ReadLane[];
  readonly asksAttributes: boolean;
  readonly signal: AbortSignal;
}

async function openLane(opener: Opener, queue: ReadQueue): Promise<void> {
  const { reading, context, lanes, asksAttributes, signal } = opener;
  const { path } = reading.entry;
  const { channel } = queue;
  const ask = (): Promise<Buffer> => openFile(channel, onServer(path), shown(path));
  const handle = await context.handles.open(channel, ask, signal);
  if (reading.isSettled) {
    handle.close();
    return;
  }
  const lane = new ReadLane(reading, queue, handle, context.habits, asksAttributes);
  lanes.push(lane);
  lane.start();
}

/** A server without FSTAT is believed; a connection that is lost is not. */
async function attributesIfTold(
  attributes: Promise<Attributes> | undefined,
): Promise<Attributes | undefined> {
  try {
    return await attributes;
  } catch (error) {
    if (error instanceof BackupError && error.kind === 'protocol') return undefined;
    throw error;
  }
}

/** Compares the file after its last byte with its entry. Throws `changed` if it is not of the same time any more. */
function outcomeOf(reading: FileReading, now: Attributes | undefined): ReadOutcome {
  const { entry } = reading;
  const { size: before = now?.size ?? 0 } = entry;
  const { size = before } = now ?? {};
  if (reading.hasGrown || (size > before && !reading.isShort)) return { grown: true };
  if (reading.isShort || size < before) return { grown: false, short: true };
  if (isAsOld(entry, now)) return { grown: false };
  throw new BackupError('changed', `${shown(entry.path)} was changed while it was read.`);
}

/** As far as can be told: the protocol knows whole seconds. */
function isAsOld({ mtime, granularity }: Entry, now: Attributes | undefined): boolean {
  if (mtime === undefined || granularity > 1 || now?.mtime === undefined) return true;
  return now.mtime === Math.floor(mtime);
}
