import { remotePath } from '../../src/model/remotePath';
import { systemClock } from '../../src/base/clock';
import { Listing } from '../../src/sources/rsync/listing';
import { requestOrder } from '../../src/sources/rsync/listOrder';
import { RsyncSession } from '../../src/sources/rsync/rsyncSession';
import { Transfer } from '../../src/sources/rsync/transfer';
import { never } from '../ssh/setting';
import { ScriptedTransport } from './scriptedTransport';
import { DigestSink } from './worlds';

export interface Talk {
  readonly error: unknown;
  readonly outcomes: readonly unknown[];
  readonly arrived: readonly string[];
  readonly dropped: boolean;
}

/** A whole talk with a scripted server: its list, and each file of it, in the order of the wire. */
export async function talk(
  says: readonly Buffer[],
  how: { readonly end?: boolean; readonly timeout: number; readonly offer?: number },
): Promise<Talk> {
  const transport = new ScriptedTransport(says, how.end ?? true);
  const sink = new DigestSink();
  const outcomes: unknown[] = [];
  let error: unknown;
  const limits = { entries: 2000, nameBytes: 64 * 1024 * 1024, messageBytes: 2 ** 21 };
  const { timeout, offer = 31 } = how;
  const options = { timeout, clock: systemClock, limits, offer, digests: false };
  try {
    const session = await RsyncSession.open(transport, options, never);
    await session.guarded(never, async () => {
      const table = await session.readList([]);
      const listing = new Listing(remotePath('/srv'), 'content', table, 1);
      const order = requestOrder(table, session.protocol);
      const transfer = new Transfer(session, order, sink, (_request, outcome) => {
        outcomes.push(outcome);
        return Promise.resolve();
      });
      for (const [number, row] of order.entries()) {
        if (table.type(row) !== 'file') continue;
        const entry = listing.entry(listing.find(`srv/${table.name(row)}`)!);
        const wanted = { entry, number };
        await transfer.request({ wanted, entry, row, usesBasis: false, acceptsGrowth: false });
      }
      transfer.finish();
      await transfer.receive();
    });
  } catch (caught) {
    error = caught;
  }
  return { error, outcomes, arrived: [...sink.arrived.keys()], dropped: transport.dropped };
}
