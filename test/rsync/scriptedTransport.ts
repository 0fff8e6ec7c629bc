import { Duplex } from 'node:stream';
import type { Transport } from '../../src/sources/rsync/transport';

/** A server that says prepared bytes, whatever it is told; what it was told is kept. */
export class ScriptedTransport implements Transport {
  readonly stream: Duplex;
  readonly ended: Promise<number | undefined>;
  readonly #told: Buffer[] = [];
  dropped = false;

  /**
   * @param pieces what the server says, piece by piece
   * @param end whether it ends then; else it is silent
   * @param errorText what it says on standard error
   */
  constructor(
    pieces: readonly Buffer[],
    end = true,
    private readonly errorText = '',
  ) {
    const told = this.#told;
    const left = [...pieces];
    this.stream = new Duplex({
      read() {
        // Each piece in a turn of its own, as from a network.
        setImmediate(() => {
          const piece = left.shift();
          if (piece) this.push(piece);
          // What is asked meanwhile shall not meet a closed door before the answers are read.
          else if (end) setTimeout(() => this.push(null), 50);
        });
      },
      write(chunk: Buffer, _encoding, done) {
        told.push(chunk);
        done();
      },
    });
    this.ended = new Promise((resolve) => this.stream.once('close', () => resolve(undefined)));
  }

  get told(): Buffer {
    return Buffer.concat(this.#told);
  }

  onErrorText(listener: (text: Buffer) => void): void {
    if (this.errorText !== '') listener(Buffer.from(this.errorText));
  }

  drop(): void {
    this.dropped = true;
    this.stream.destroy();
  }
}

/** Hexadecimal with spaces and line breaks for reading. */
export function hex(text: string): Buffer {
  return Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
}
