import { abortReason, throwIfAborted, whenAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { ReadOutcome } from '../fileServer';
import type { Attributes } from './attributes';
import { openFile } from './calls';
import { onServer, shown } from './entries';
import { FileReading, type Write } from './fileReading';
import type { ReadBudget } from './readBudget';
import { ReadLane } from './readLane';
import type { ReadQueue } from './readQueue';

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
  budget: ReadBudget,
  signal: AbortSignal,
): Promise<ReadOutcome> {
  throwIfAborted(signal);
  const striped = queues.length > 1;
  const reading = new FileReading(entry, offset, write, budget, striped);
  const lanes: ReadLane[] = [];
  const takeBack = whenAborted(signal, () => reading.fail(abortReason(signal)));
  const [first, ...others] = queues.map((queue) => openLane(reading, queue, !striped, lanes));
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

async function openLane(
  reading: FileReading,
  queue: ReadQueue,
  asksAttributes: boolean,
  lanes: ReadLane[],
): Promise<void> {
  const { path } = reading.entry;
  const handle = await openFile(queue.channel, onServer(path), shown(path));
  const lane = new ReadLane(reading, queue, handle, asksAttributes);
  if (reading.isSettled) {
    lane.close();
    return;
  }
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
