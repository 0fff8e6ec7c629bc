import { asRunError, BackupError, type ErrorKind } from '../../base/errors';
import { usualPatience } from '../../base/retry';
import { throwIfAborted } from '../../base/abort';
import type { RemotePath } from '../../model/remotePath';
import type { Sink, Wanted } from '../../model/transfer';
import type { WrongSizes } from '../wrongSizes';
import type { Outcome } from './fileReceipt';
import type { Lists } from './lists';
import type { Extent, Listing } from './listing';
import { requestOrder } from './listOrder';
import { errorOf, openForFiles, placeOf } from './openList';
import type { Question, RsyncServer } from './rsyncServer';
import type { RsyncSession } from './rsyncSession';
import type { ServerFault } from './serverTexts';
import { Transfer, type Request } from './transfer';

/**
 * Milliseconds. A daemon with a timeout ends a session in which we read a large basis, or wait for the
 * plan, without a word.
 */
const keepAliveEvery = 1000;

/** Why a root cannot be listed any more: then nothing below it can be fetched. */
const kindsOfRoot: ReadonlySet<ErrorKind> = new Set<ErrorKind>(['not-found', 'permission']);

/** What all who fetch from one server share. */
export interface FetchContext {
  readonly server: RsyncServer;
  readonly lists: Lists;
  readonly sink: Sink;
  readonly signal: AbortSignal;
  readonly wrongSizes: WrongSizes;
  /** The file is not what was listed any more, or its digest is wrong: to be asked for by itself. */
  again(wanted: Wanted): void;
}

/** A session that brings files, with everything that was asked of it. */
interface Lane {
  readonly listing: Listing;
  readonly session: RsyncSession;
  readonly transfer: Transfer;
  /** Resolves, never rejects, when it has ended, be it by a failure. */
  readonly receiving: Promise<void>;
  /** What the server did not send; its texts say why. */
  readonly notSent: Request[];
  failure: { readonly error: unknown } | undefined;
}

/**
 * Fetches the files below one root over one session, which is opened again when it is lost: what was
 * asked for and has not come is asked for anew.
 */
export class RootFetch {
  readonly #context: FetchContext;
  readonly root: RemotePath;
  readonly #question: Question;
  #todo: Wanted[] = [];
  #lane: Lane | undefined;
  #failuresInARow = 0;

  constructor(context: FetchContext, root: RemotePath, extent: Extent) {
    this.#context = context;
    this.root = root;
    this.#question = { root, extent, recursive: true, digests: false };
  }

  /** Asks for a file; waits while too much is on the way. Throws errors that concern the run. */
  async add(wanted: Wanted): Promise<void> {
    this.#todo.push(wanted);
    await this.#work();
  }

  /** Waits for everything that was asked for. */
  async finish(): Promise<void> {
    while (this.#lane || this.#todo.length > 0) {
      await this.#work();
      const lane = this.#lane;
      if (!lane) continue;
      try {
        lane.transfer.finish();
        await lane.receiving;
        if (lane.failure) throw lane.failure.error;
        await lane.session.ended();
        this.#lane = undefined;
        await this.#skipNotSent(lane);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  /** Ends it at once. */
  async close(): Promise<void> {
    const lane = this.#lane;
    this.#lane = undefined;
    if (!lane) return;
    lane.session.drop(new BackupError('connection', 'The session was closed.'));
    await lane.receiving;
    await lane.transfer.close();
  }

  async #work(): Promise<void> {
    for (let wanted = this.#todo[0]; wanted; wanted = this.#todo[0]) {
      try {
        const lane = await this.#ready();
        const request = requestOf(lane.listing, wanted);
        this.#todo.shift();
        if (request instanceof BackupError) await this.#context.sink.skip(wanted, request);
        // Two links to one file: the second copy comes by itself.
        else if (lane.transfer.hasAsked(request.row)) this.#context.again(wanted);
        else await this.#request(lane, request);
      } catch (error) {
        await this.#recover(error);
      }
    }
  }

  async #request(lane: Lane, request: Request): Promise<void> {
    try {
      await lane.transfer.request(request);
    } catch (error) {
      const isKnown = lane.transfer.unanswered.some(({ wanted }) => wanted === request.wanted);
      if (!isKnown) this.#todo.unshift(request.wanted);
      throw error;
    }
  }

  async #ready(): Promise<Lane> {
    if (this.#lane) return this.#lane;
    const { server, lists, signal, sink } = this.#context;
    const list = lists.take(this.root) ?? (await openForFiles(server, this.#question, signal));
    const { session, listing } = list;
    const order = requestOrder(listing.table, session.protocol);
    const notSent: Request[] = [];
    const onAnswer = (request: Request, outcome: Outcome | 'not sent'): Promise<void> =>
      this.#onAnswer(request, outcome, notSent);
    const transfer = new Transfer(session, order, sink, onAnswer);
    const receiving = session
      .guarded(signal, () => transfer.receive())
      .catch((error: unknown) => {
        lane.failure ??= { error };
      });
    const keepAlive = setInterval(() => session.wire.keepAlive(), keepAliveEvery);
    const lane: Lane = { listing, session, transfer, receiving, notSent, failure: undefined };
    void receiving.then(() => clearInterval(keepAlive));
    this.#lane = lane;
    return lane;
  }

  async #onAnswer(
    request: Request,
    outcome: Outcome | 'not sent',
    notSent: Request[],
  ): Promise<void> {
    this.#failuresInARow = 0;
    const { wrongSizes, sink } = this.#context;
    if (outcome === 'not sent') {
      notSent.push(request);
    } else if (outcome.kind === 'delivered') {
      if (outcome.size === 0) wrongSizes.noteEmpty(request.wanted, sink);
    } else if (outcome.kind === 'changed' || outcome.error.kind === 'changed') {
      this.#context.again(request.wanted);
    } else {
      await sink.skip(request.wanted, outcome.error);
    }
  }

  async #skipNotSent({ notSent, session }: Lane): Promise<void> {
    for (const { wanted, entry } of notSent) {
      const path = entry.readFrom ?? entry.path;
      await this.#context.sink.skip(wanted, reasonFor(path, session));
    }
  }

  /** After a failure: what has not come is asked for again. Throws what concerns the run. */
  async #recover(thrown: unknown): Promise<void> {
    const lane = this.#lane;
    // What ended the session is the reason, not what came of it.
    const error = lane?.failure ? lane.failure.error : thrown;
    await waitForReason(lane?.session);
    await this.close();
    const { signal, server } = this.#context;
    throwIfAborted(signal);
    if (!(error instanceof BackupError) || error.scope === 'run') throw error;
    if (lane) await this.#askAgain(lane, error);
    if (error.kind === 'changed') return;
    if (!lane && kindsOfRoot.has(error.kind)) {
      await this.#skipAll(error);
      return;
    }
    this.#failuresInARow += 1;
    const isHopeless = !error.transient || this.#failuresInARow >= usualPatience.attempts;
    if (isHopeless) throw asRunError(error);
    const delay = usualPatience.firstDelay * 2 ** (this.#failuresInARow - 1);
    await server.environment.clock.sleep(delay, signal);
  }

  async #askAgain(lane: Lane, error: BackupError): Promise<void> {
    const unanswered = await this.#withoutRefused(lane);
    const culprit = error.kind === 'changed' ? unanswered.shift() : undefined;
    if (culprit) this.#context.again(culprit);
    this.#todo = [...unanswered, ...this.#todo];
    await this.#skipNotSent(lane);
  }

  /** What was asked for and has not come, but for what openrsync has ended at: once is enough. */
  async #withoutRefused({ transfer, session }: Lane): Promise<Wanted[]> {
    const left: Wanted[] = [];
    for (const { wanted, entry } of transfer.unanswered) {
      const fault = session.mayBeOpenrsync
        ? faultOf(entry.readFrom ?? entry.path, session)
        : undefined;
      if (!fault) {
        left.push(wanted);
        continue;
      }
      this.#failuresInARow = 0;
      await this.#context.sink.skip(wanted, errorOf(fault));
    }
    return left;
  }

  async #skipAll(error: BackupError): Promise<void> {
    for (const wanted of this.#todo.splice(0)) await this.#context.sink.skip(wanted, error);
  }
}

/** The request for a file as this list has it, or why there is none. */
function requestOf(listing: Listing, wanted: Wanted): Request | BackupError {
  const { path, readFrom } = wanted.entry;
  const position = listing.find(readFrom ?? path);
  if (position === undefined)
    return new BackupError('not-found', 'The file is not there any more.');
  const now = listing.entry(position);
  if (now.type !== 'file') return new BackupError('changed', `The file became a ${now.type}.`);
  const entry = { ...now, path, ...(readFrom !== undefined && { readFrom }) };
  const row = listing.row(position);
  return { wanted, entry, row, usesBasis: true, acceptsGrowth: false };
}

/** openrsync ends at a file that it cannot open, and says so on standard error. */
async function waitForReason(session: RsyncSession | undefined): Promise<void> {
  if (session?.mayBeOpenrsync === true) await session.ended();
}

/** Why the server did not send a file, by what it says of it. */
export function reasonFor(path: RemotePath, session: RsyncSession): BackupError {
  const fault = faultOf(path, session);
  return fault
    ? errorOf(fault)
    : new BackupError('permission', 'The server could not send the file and does not say why.');
}

function faultOf(path: RemotePath, { texts }: RsyncSession): ServerFault | undefined {
  return texts.faults.findLast(({ path: told }) => placeOf(told, path) === path);
}
