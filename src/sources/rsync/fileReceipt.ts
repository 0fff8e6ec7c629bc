import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { Incoming, Sink, Wanted } from '../../model/transfer';
import { blockAt } from './blockSums';
import type { StreamDigest } from './digests';
import type { OpenBasis } from './openBasis';
import { malformed } from './protocolError';

/** Beyond twice its listed size and so many bytes, a file is not waited for any longer. */
const mostBeyond = 64 * 1024 * 1024;
/** Blocks of the basis that are read at once, in bytes. */
const mostCopied = 1024 * 1024;

/** How it went with one file. */
export type Outcome =
  /** `size` is what has arrived. */
  | { readonly kind: 'delivered'; readonly size: number }
  /** It is not what was listed any more, or its digest is wrong: to be asked for again. */
  | { readonly kind: 'changed' }
  /** The sink does not want it. */
  | { readonly kind: 'refused'; readonly error: BackupError };

export interface ReceiptOptions {
  readonly wanted: Wanted;
  /** As it was listed in this session. */
  readonly entry: Entry;
  /** What the blocks were taken from. */
  readonly basis: OpenBasis | undefined;
  /** A file that has grown is cut to its listed size, with a warning. */
  readonly acceptsGrowth: boolean;
}

/**
 * Puts one file together from literal bytes and blocks of the basis, on its way to the sink (rsync
 * receiver.c: receive_data). It takes all that the server sends for it, also when the file turns out
 * to be another one: what follows on the wire is the next file.
 */
export class FileReceipt {
  readonly #options: ReceiptOptions;
  readonly #sink: Sink;
  readonly #digest: StreamDigest;
  #incoming: Incoming | undefined;
  #refusal: BackupError | undefined;
  #total = 0;
  /** Bytes of a file without a known size that came after the sink had enough of it. */
  #refused = 0;
  #run = { first: 0, count: 0 };

  constructor(options: ReceiptOptions, sink: Sink, digest: StreamDigest) {
    this.#options = options;
    this.#sink = sink;
    this.#digest = digest;
  }

  async begin(): Promise<void> {
    const { wanted, entry } = this.#options;
    await this.#trying(async () => {
      // What an earlier attempt left is a basis at most: only so the digest proves all of the file.
      this.#incoming = await this.#sink.receive(wanted, entry, 'anew');
    });
  }

  async literal(bytes: Buffer): Promise<void> {
    if (this.#run.count > 0) await this.#copyRun();
    await this.#deliver(bytes);
  }

  /** A block of the basis. Neighbours are read together. */
  async copy(index: number): Promise<void> {
    const { basis } = this.#options;
    if (!basis || index >= basis.head.count) throw malformed('a block that there is not');
    const { first, count } = this.#run;
    const isNext =
      count > 0 && index === first + count && (count + 1) * basis.head.length <= mostCopied;
    if (!isNext) await this.#copyRun();
    this.#run = isNext ? { first, count: count + 1 } : { first: index, count: 1 };
  }

  /** All is there, and `digest` is what the server says of it. */
  async end(digest: Buffer): Promise<Outcome> {
    if (this.#run.count > 0) await this.#copyRun();
    const digestIsWrong = !this.#digest.digest().equals(digest);
    const { wanted, entry, acceptsGrowth } = this.#options;
    const { size = this.#total } = entry;
    const grown = this.#total > size;
    if (this.#refusal) return { kind: 'refused', error: this.#refusal };
    const isShort = this.#total < size;
    if (digestIsWrong || isShort || (grown && !acceptsGrowth)) {
      await this.abandon();
      return { kind: 'changed' };
    }
    if (grown) {
      this.#sink.warn(wanted, `The file kept growing; its first ${size} bytes are kept.`);
    }
    const incoming = this.#incoming;
    this.#incoming = undefined;
    await this.#trying(() => incoming?.finish());
    // eslint-disable-next-line @typescript-eslint/no-unnecessary-condition -- set by #trying
    if (this.#refusal) return { kind: 'refused', error: this.#refusal };
    return { kind: 'delivered', size: Math.min(this.#total, size) };
  }

  /** Nothing more comes. */
  async abandon(): Promise<void> {
    const incoming = this.#incoming;
    this.#incoming = undefined;
    await incoming?.abandon();
  }

  async #copyRun(): Promise<void> {
    const { first, count } = this.#run;
    const { basis } = this.#options;
    if (count === 0 || !basis) return;
    this.#run = { first: 0, count: 0 };
    const { start } = blockAt(basis.head, first);
    const last = blockAt(basis.head, first + count - 1);
    const bytes = Buffer.allocUnsafe(last.start + last.length - start);
    // A basis that was cut short meanwhile gives a wrong digest, like any other change of it.
    if (!(await basis.bytes.fill(bytes, start))) bytes.fill(0);
    await this.#deliver(bytes);
  }

  async #deliver(bytes: Buffer): Promise<void> {
    const { entry } = this.#options;
    const from = this.#total;
    this.#total += bytes.length;
    const { size = Infinity } = entry;
    if (this.#refusal && entry.size === undefined) this.#refused += bytes.length;
    if (this.#total > 2 * size + mostBeyond || this.#refused > mostBeyond) {
      throw new BackupError('changed', 'The file is far longer than it was listed.');
    }
    this.#digest.update(bytes);
    const incoming = this.#incoming;
    if (!incoming) return;
    const end = Math.min(bytes.length, size - from);
    if (end <= 0) return;
    const piece = end === bytes.length ? bytes : bytes.subarray(0, end);
    await this.#trying(() => incoming.write(piece));
  }

  /** What concerns this file alone does not end the session. */
  async #trying(work: () => Promise<void> | undefined): Promise<void> {
    try {
      const pending = work();
      if (pending) await pending;
    } catch (error) {
      await this.abandon().catch(() => undefined);
      if (!(error instanceof BackupError) || error.scope === 'run') throw error;
      this.#refusal ??= error;
    }
  }
}
