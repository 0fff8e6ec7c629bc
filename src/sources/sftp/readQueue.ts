import type { BackupError } from '../../base/errors';
import type { SftpChannel } from './channel';

/** Somebody who wants to send READs over a channel. */
export interface ReadSource {
  /** Whoever has the lower number was begun earlier, and goes first. */
  readonly turn: number;
  /** Sends one READ and gives its length; 0 if there is nothing to ask for now, so that it leaves the queue. */
  sendNext(): number;
  /** The channel is gone. */
  fail(error: BackupError): void;
}

/** As many as OpenSSH's own client has in flight, reached one by one (`sftp_download`). */
const firstInFlight = 8;
const mostInFlight = 64;
/** The window of an ssh2 channel: more would wait on the server anyway. */
const mostBytesInFlight = 2 * 1024 * 1024;

/**
 * The READs of one channel, no more than it can carry. What was begun first is finished first: were
 * many files to grow side by side, a kill on a slow line would cost all of them.
 */
export class ReadQueue {
  readonly channel: SftpChannel;
  readonly #sources: ReadSource[] = [];
  #failure: BackupError | undefined;
  #allowed = firstInFlight;
  #inFlight = 0;
  #bytesInFlight = 0;
  #pumping = false;

  constructor(channel: SftpChannel) {
    this.channel = channel;
    void channel.closed.then((error) => {
      this.#failure = error;
      for (const source of this.#sources.splice(0)) source.fail(error);
    });
  }

  add(source: ReadSource): void {
    if (this.#failure) {
      source.fail(this.#failure);
      return;
    }
    const behind = this.#sources.findIndex(({ turn }) => turn > source.turn);
    this.#sources.splice(behind < 0 ? this.#sources.length : behind, 0, source);
    this.#pump();
  }

  /** A READ was sent outside the turn, for the rest of one that was answered in part. */
  sent(length: number): void {
    this.#inFlight += 1;
    this.#bytesInFlight += length;
  }

  /** A READ of that length was answered. */
  answered(length: number): void {
    this.#inFlight -= 1;
    this.#bytesInFlight -= length;
    this.#allowed = Math.min(this.#allowed + 1, mostInFlight);
    this.#pump();
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    while (this.#inFlight < this.#allowed && this.#bytesInFlight < mostBytesInFlight) {
      const [source] = this.#sources;
      if (!source) break;
      const length = source.sendNext();
      if (length === 0) this.#sources.splice(this.#sources.indexOf(source), 1);
      else this.sent(length);
    }
    this.#pumping = false;
  }
}
