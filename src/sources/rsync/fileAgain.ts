import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import { withoutSize } from '../../model/entry';
import { settling } from '../../model/racyClean';
import type { Wanted } from '../../model/transfer';
import type { Outcome } from './fileReceipt';
import { requestOrder } from './listOrder';
import { openForFiles } from './openList';
import { reasonFor, type FetchContext } from './rootFetch';
import { Transfer, type Request } from './transfer';

/** A file that changes under our eyes is read so often, the first time included. */
const mostReadings = 3;

/**
 * Fetches one file by itself, freshly listed and whole, because it was not what the list said. What
 * keeps changing is skipped; what keeps growing is cut to its listed size. Where the list says the same
 * again, it is wrong: then what comes is taken, whose digest proves that it is all of the file.
 */
export async function fetchAgain(context: FetchContext, wanted: Wanted): Promise<void> {
  for (let reading = 2; reading <= mostReadings; reading += 1) {
    const { clock } = context.server.environment;
    const isLast = reading === mostReadings;
    const outcome = await settled(
      retry(() => readOnce(context, wanted, isLast), clock, context.signal),
      context.signal,
    );
    if (outcome.kind === 'delivered') return;
    if (outcome.kind === 'refused' && outcome.error.kind !== 'changed') {
      return context.sink.skip(wanted, outcome.error);
    }
  }
  const message = `The file changed while it was being read, ${mostReadings} times.`;
  await context.sink.skip(wanted, new BackupError('changed', message));
}

/** What concerns this file alone is an outcome; the rest is thrown. */
async function settled(reading: Promise<Outcome>, signal: AbortSignal): Promise<Outcome> {
  try {
    return await reading;
  } catch (error) {
    if (signal.aborted || !(error instanceof BackupError) || error.scope === 'run') throw error;
    return { kind: 'refused', error };
  }
}

async function readOnce(
  context: FetchContext,
  wanted: Wanted,
  acceptsGrowth: boolean,
): Promise<Outcome> {
  const { server, signal, sink } = context;
  const { path, readFrom } = wanted.entry;
  const root = readFrom ?? path;
  const question = { root, extent: 'itself', recursive: false, digests: false } as const;
  const { listing, session } = await openForFiles(server, question, signal);
  return session.guarded(signal, async () => {
    const now = listing.entry(0);
    if (now.type !== 'file') {
      throw new BackupError('changed', `The file became a ${now.type}.`);
    }
    const { clock } = server.environment;
    // Read at once, a further write could get the same time, and the next run would miss it.
    const wait = settling(now, clock.now());
    if (wait > 0) await clock.sleep(wait, signal);
    const known = now.size === wanted.entry.size ? withoutSize(now) : now;
    const entry = { ...known, path, ...(readFrom !== undefined && { readFrom }) };
    let answer: Outcome | 'not sent' = 'not sent';
    const onAnswer = (_request: Request, outcome: Outcome | 'not sent'): Promise<void> => {
      answer = outcome;
      return Promise.resolve();
    };
    const order = requestOrder(listing.table, session.protocol);
    const transfer = new Transfer(session, order, sink, onAnswer);
    const row = listing.row(0);
    try {
      await transfer.request({ wanted, entry, row, usesBasis: false, acceptsGrowth });
      transfer.finish();
      await transfer.receive();
      await session.ended();
    } finally {
      await transfer.close();
    }
    const outcome = answer as Outcome | 'not sent';
    if (outcome === 'not sent') throw reasonFor(root, session);
    if (outcome.kind === 'delivered' && entry.size === undefined) {
      noteIfWrong(context, wanted, outcome.size);
    }
    return outcome;
  });
}

/** @param size what has arrived of a file that was read whatever its size */
function noteIfWrong({ wrongSizes, sink }: FetchContext, wanted: Wanted, size: number): void {
  const { size: listed = size } = wanted.entry;
  if (size !== listed) wrongSizes.note(wanted, sink, size);
}
