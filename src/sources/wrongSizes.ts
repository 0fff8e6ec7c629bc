import type { Entry } from '../model/entry';
import type { Sink, Wanted } from '../model/transfer';

/** So many files are named one by one. */
const mostNamed = 5;
/** From so many on, the next files are expected to be listed wrongly too. */
const enough = 3;

/**
 * The files that a server lists with another size than they have: of `/proc`, of a server that lists
 * compressed or ASCII sizes, or of one whose numbers have 32 bits.
 */
export class WrongSizes {
  #count = 0;
  #last: Wanted | undefined;
  #hasToldOfEmpty = false;

  /** Whether the sizes that this server lists are not worth much. */
  get areUsual(): boolean {
    return this.#count >= enough;
  }

  note(wanted: Wanted, sink: Sink, size: number): void {
    this.#count += 1;
    this.#last = wanted;
    if (this.#count > mostNamed) return;
    const { size: listed } = wanted.entry;
    sink.warn(wanted, `The server lists ${listed} bytes and sends ${size}: all that came is kept.`);
  }

  /**
   * vsftpd, ProFTPD, Pure-FTPd and rsync send as many bytes of a file as its size says, which is none where the
   * kernel makes up the content. An empty file there may be one in truth: nothing tells.
   */
  noteEmpty(wanted: Wanted, sink: Sink): void {
    if (this.#hasToldOfEmpty || !isMadeUp(wanted.entry)) return;
    this.#hasToldOfEmpty = true;
    const message =
      'The server sends nothing of this file. Some servers send files that the kernel makes up as empty ones: SFTP reads them.';
    sink.warn(wanted, message);
  }

  /** Tells of those that were not named. */
  tellRest(sink: Sink): void {
    const rest = this.#count - mostNamed;
    if (rest <= 0 || !this.#last) return;
    const files = rest === 1 ? 'This file is' : `This file and ${rest - 1} others are`;
    sink.warn(this.#last, `${files} listed with wrong sizes too: all that came is kept.`);
  }
}

function isMadeUp({ path, readFrom = path }: Entry): boolean {
  return readFrom.startsWith('proc/') || readFrom.startsWith('sys/');
}
