import { remotePath } from '../../src/model/remotePath';
import { systemClock } from '../../src/base/clock';
import { Listing } from '../../src/sources/rsync/listing';
import { requestOrder } from '../../src/sources/rsync/listOrder';
import { RsyncSession } from '../../src/sources/rsync/rsyncSession';
import { Transfer } from '../../src/sources/rsync/transfer';
import { never } from '../ssh/setting';
import type { Transport } from '../../src/sources/rsync/transport';
import type { Wanted } from '../../src/model/transfer';
import { ScriptedTransport } from './scriptedTransport';
import { DigestSink } from './worlds';

export interface Talk {
  readonly error: unknown;
  readonly outcomes: readonly unknown[];
  /** SHA-256 by path. */
  readonly arrived: ReadonlyMap<string, string>;
  readonly dropped: boolean;
}

export interface TalkOptions {
  readonly timeout: number;
  /** The version to offer. Default: 31. */
  readonly offer?: number;
  /** What an earlier snapshot has of a name. */
  readonly basisOf?: (name: string) => Wanted['basis'];
}

/** A whole talk with a scripted server: its list, and each file of it, in the order of the wire. */
export async function talk(
  says: readonly Buffer[],
  how: TalkOptions & { readonly end?: boolean },
): Promise<Talk> {
  const transport = new ScriptedTransport(says, how.end ?? true);
  const result = await talkTo(transport, how);
  return { ...result, dropped: transport.dropped };
}

/** The same with whoever answers. */
export async function talkTo(
  transport: Transport,
  how: TalkOptions,
): Promise<Omit<Talk, 'dropped'>> {
  const sink = new DigestSink();
  const outcomes: unknown[] = [];
  let error: unknown;
  let opened: Transfer | undefined;
  const limits = { entries: 2000, nameBytes: 64 * 1024 * 1024, messageBytes: 2 ** 21 };
  const { timeout, offer = 31, basisOf } = how;
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
      opened = transfer;
      for (const [number, row] of order.entries()) {
        if (table.type(row) !== 'file') continue;
        const entry = listing.entry(listing.find(`srv/${table.name(row)}`)!);
        const basis = basisOf?.(table.name(row));
        const wanted = { entry, number, ...(basis && { basis }) };
        await transfer.request({ wanted, entry, row, usesBasis: true, acceptsGrowth: false });
      }
      transfer.finish();
      await transfer.receive();
    });
  } catch (caught) {
    error = caught;
  } finally {
    await opened?.close();
  }
  return { error, outcomes, arrived: sink.arrived };
}
