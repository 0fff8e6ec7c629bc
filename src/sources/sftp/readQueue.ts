import type { BackupError } from '../../base/errors';
import type { SftpChannel } from './channel';

/** Somebody who wants to send READs over a channel. */
export interface ReadSource {
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
 * The READs of one channel: files take turns, and no more is asked for than the channel can carry.
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
    this.#sources.push(source);
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
      const source = this.#sources.shift();
      if (!source) break;
      const length = source.sendNext();
      if (length === 0) continue;
      this.sent(length);
      this.#sources.push(source);
    }
    this.#pumping = false;
  }
}
