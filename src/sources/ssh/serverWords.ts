import type { Duplex } from 'node:stream';

import type { Client } from 'ssh2';

import { BackupError } from '../../base/errors';
import { printable } from '../../model/remotePath';
import type { Environment } from '../environment';

/** Characters of it that are kept: banners of the law are long, and a server may talk for ever. */
const mostWords = 2000;
/** Milliseconds: a login that goes through at once is not disturbed by what every login is told. */
const settling = 1000;
/** Milliseconds for a person to do what the server asks for in a browser. */
const patience = 300_000;
const asksPerson = /https?:\/\//i;
const isFull = /MaxStartups|too many|connection limit|max(?:imum)? .*connections|exceeded/i;

/**
 * What a server says beside the protocol: text in front of its identification (RFC 4253, section 4.2), and
 * banners (RFC 4252, section 5.4). Both reach the log, a person while the login waits, and the error if it
 * fails.
 */
export class ServerWords {
  readonly #address: string;
  readonly #environment: Environment;
  readonly #waitFor: (milliseconds: number) => void;
  #early = '';
  #isIdentified = false;
  #banner = '';
  #timer: NodeJS.Timeout | undefined;

  /** `waitFor` is called if the server asks the person for something that takes its time. */
  constructor(address: string, environment: Environment, waitFor: (milliseconds: number) => void) {
    this.#address = address;
    this.#environment = environment;
    this.#waitFor = waitFor;
  }

  /** To be called once the client reads the socket. */
  listen(client: Client, socket: Duplex): void {
    const look = (chunk: Buffer): void => {
      this.#early = (this.#early + chunk.toString('latin1')).slice(0, mostWords);
      const start = this.#early.search(/^SSH-/m);
      this.#isIdentified = start >= 0;
      if (!this.#isIdentified && this.#early.length < mostWords) return;
      socket.off('data', look);
      if (this.#isIdentified) this.#early = this.#early.slice(0, start);
      if (shown(this.#early) !== '') this.#environment.log.info(this.#text(this.#early));
    };
    socket.on('data', look);
    client.on('banner', (text) => this.#hear(text));
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** The error, with what the server said. */
  addedTo(error: BackupError): BackupError {
    const early = shown(this.#early);
    if (error.kind === 'connection' && !this.#isIdentified && early !== '') {
      const kind = isFull.test(early) ? 'too-many-connections' : 'connection';
      const options = { cause: error, scope: 'run' } as const;
      return new BackupError(
        kind,
        `${this.#address} ends the connection: it says "${early}".`,
        options,
      );
    }
    const banner = shown(this.#banner);
    if (banner === '' || !/^(?:authentication|timeout|connection)$/.test(error.kind)) return error;
    const { kind, scope, transient } = error;
    const message = `${error.message} The server says: "${banner}".`;
    return new BackupError(kind, message, { cause: error, scope, transient });
  }

  #hear(text: string): void {
    // ssh2 has decoded it: back to the bytes that are shown.
    const bytes = Buffer.from(text, 'utf8').toString('latin1');
    this.#banner = `${this.#banner}${bytes}`.slice(0, mostWords);
    const { log, notice } = this.#environment;
    log.info(this.#text(this.#banner));
    if (!notice) return;
    if (asksPerson.test(this.#banner)) this.#waitFor(patience);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => notice(this.#address, shown(this.#banner)), settling);
  }

  #text(words: string): string {
    return `${this.#address} says: ${shown(words)}`;
  }
}

/** Line by line, without what a terminal would obey. */
function shown(text: string): string {
  const lines = text.split(/\r\n|\n|\r/).map((line) => printable(line).trimEnd());
  return lines.join('\n').trim();
}
