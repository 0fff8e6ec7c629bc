import { setMaxListeners } from 'node:events';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { abortReason, throwIfAborted } from '../../base/abort';
import { ByteWriter } from './byteWriter';
import { Digests } from './digests';
import { FileTable } from './fileTable';
import { tag } from './frames';
import type { RsyncLimits } from './limits';
import { ListDecoder } from './listDecoder';
import { malformed } from './protocolError';
import { ServerTexts } from './serverTexts';
import { failureOf, noiseError } from './startFailure';
import type { Transport } from './transport';
import { Wire } from './wire';

/** The newest protocol that we speak; what a peer with a newer one has to come down to. */
export const spokenProtocol = 31;
const oldestProtocol = 27;
const newestKnown = 40;
const firstWithFlags = 30;

/** What the server agreed to (rsync compat.c: CF_…). */
const compat = { incrementalRecursion: 1, safeList: 8, seedOrder: 32, variableFlags: 128 } as const;

export interface SessionOptions {
  readonly timeout: number;
  readonly clock: Clock;
  readonly limits: RsyncLimits;
  /** The version to offer. */
  readonly offer: number;
  /** Whether the list is asked for with a digest of each file. */
  readonly digests: boolean;
}

/** One rsync process of the server and our talk with it, from the greeting to the list. */
export class RsyncSession {
  readonly transport: Transport;
  readonly texts = new ServerTexts();
  readonly wire: Wire;
  protocol = 0;
  digests!: Digests;
  /** Errors of the list, as bits: 1 something could not be read, 2 something vanished. */
  errorBits = 0;
  /** What to do when the server says that it cannot send a file. */
  onNotSent: (index: number) => void = () => {
    throw malformed('an answer before anything was asked for');
  };
  readonly #options: SessionOptions;
  /** The newest version that the server says it speaks, whatever was agreed on. */
  #spokenThere = 0;
  #safeEnd = false;

  private constructor(transport: Transport, options: SessionOptions) {
    this.transport = transport;
    this.#options = options;
    transport.onErrorText((text) => this.texts.addErrorText(text));
    this.wire = new Wire(transport.stream, {
      timeout: options.timeout,
      clock: options.clock,
      messageBytes: options.limits.messageBytes,
      onMessage: (kind, payload) => this.#onMessage(kind, payload),
    });
  }

  /**
   * Agrees on the version and the rules (rsync compat.c: setup_protocol). Throws `protocol` or
   * `connection` with the scope of the run if there is no rsync that answers.
   */
  static async open(
    transport: Transport,
    options: SessionOptions,
    signal: AbortSignal,
  ): Promise<RsyncSession> {
    const session = new RsyncSession(transport, options);
    return session.guarded(signal, async () => {
      await session.#agree();
      return session;
    });
  }

  /** Does a part of the talk; whatever goes wrong in it ends the session, an abort at once. */
  async guarded<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    // Many sessions wait on the signal of one run: that is no leak for Node to warn of.
    setMaxListeners(0, signal);
    const onAbort = (): void => this.drop(abortReason(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      throwIfAborted(signal);
      return await work();
    } catch (error) {
      this.drop(error instanceof BackupError ? error : malformed('something unexpected'));
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  /**
   * Whether the other end may be openrsync (OpenBSD, macOS), which speaks protocol 27 and none newer: it
   * tells what it could not read on standard error alone, and no error bits.
   */
  get mayBeOpenrsync(): boolean {
    return this.#spokenThere <= oldestProtocol;
  }

  /** Sends the filter rules and reads the whole list (exclude.c: send_filter_list; flist.c). */
  async readList(rules: readonly Buffer[]): Promise<FileTable> {
    const writer = new ByteWriter();
    // openrsync gives up at the first rule; what they leave out is only left out sooner.
    for (const rule of this.mayBeOpenrsync ? [] : rules) writer.int(rule.length).bytes(rule);
    this.wire.send(writer.int(0).done());
    const table = new FileTable(this.#options.limits);
    const form = {
      protocol: this.protocol,
      safeEnd: this.#safeEnd,
      digests: this.#options.digests,
    };
    const decoder = new ListDecoder(form, table);
    await this.#readEntries(decoder);
    this.errorBits |= decoder.errorBits;
    return table;
  }

  /** Resolves with all the texts there are once the server has ended by itself, or was given up. */
  async ended(): Promise<number | undefined> {
    const { clock, timeout } = this.#options;
    const stop = new AbortController();
    const patience = clock.sleep(timeout, stop.signal).catch(() => undefined);
    this.wire.discard();
    const code = await Promise.race([this.transport.ended, patience]);
    stop.abort();
    this.transport.drop();
    return typeof code === 'number' ? code : undefined;
  }

  drop(reason: BackupError): void {
    this.wire.fail(reason);
    this.transport.drop();
  }

  async #readEntries(decoder: ListDecoder): Promise<void> {
    const read = decoder.read.bind(decoder);
    for (;;) {
      const isEntry = this.wire.readNow(read);
      if (isEntry === false) return;
      if (isEntry === undefined) await this.wire.more();
    }
  }

  async #agree(): Promise<void> {
    const { wire } = this;
    try {
      this.protocol = this.transport.protocol ?? (await this.#exchangeVersions());
      this.#spokenThere ||= this.protocol;
      if (this.protocol >= firstWithFlags)
        this.#accept(await wire.read((reader) => reader.varint()));
      const seed = await wire.read((reader) => reader.int());
      this.digests = new Digests(this.protocol, seed, this.#seedFirst);
    } catch (error) {
      throw await failureOf(error, this.transport, this.texts);
    }
    wire.readFrames();
    if (this.protocol >= firstWithFlags) wire.writeFrames();
  }

  async #exchangeVersions(): Promise<number> {
    const { offer } = this.#options;
    this.wire.send(new ByteWriter().int(offer).done());
    const bytes = await this.wire.read((reader) => Buffer.from(reader.bytes(4)));
    const theirs = bytes.readInt32LE(0);
    if (theirs < 20 || theirs > newestKnown)
      throw await noiseError(bytes, this.wire.reader, this.transport);
    this.#spokenThere = theirs;
    const agreed = Math.min(theirs, offer);
    if (agreed < oldestProtocol) {
      const message = `The server's rsync speaks version ${theirs} of the protocol, which is too old: use "sftp".`;
      throw new BackupError('protocol', message, { scope: 'run' });
    }
    return agreed;
  }

  #seedFirst = false;

  #accept(flags: number): void {
    const refused = compat.incrementalRecursion | compat.variableFlags;
    if ((flags & refused) !== 0) throw malformed('a capability that was not asked for');
    this.#seedFirst = (flags & compat.seedOrder) !== 0;
    this.#safeEnd = this.protocol >= 31 || (flags & compat.safeList) !== 0;
  }

  #onMessage(kind: number, payload: Buffer): void {
    switch (kind) {
      case tag.ioError:
        this.errorBits |= intOf(payload);
        return;
      case tag.notSent:
        this.onNotSent(intOf(payload));
        return;
      case tag.errorExit:
        throw this.#gaveUp(payload);
      case tag.ioTimeout:
      case tag.noOperation:
        return;
      default:
        if (kind < tag.transferError || kind > tag.utf8Error) {
          throw malformed(`a message of the unknown kind ${kind}`);
        }
        this.texts.addMessage(payload);
    }
  }

  #gaveUp(payload: Buffer): BackupError {
    const code = payload.length === 4 ? ` (code ${payload.readInt32LE(0)})` : '';
    const said = this.texts.summary;
    return new BackupError('connection', `The server's rsync gave up${code}: ${said}`);
  }
}

function intOf(payload: Buffer): number {
  if (payload.length !== 4) throw malformed('a message of the wrong length');
  return payload.readInt32LE(0);
}
