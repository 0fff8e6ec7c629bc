import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import { installRsync } from '../servers/rsyncd';
import type { Transport } from '../../src/sources/rsync/transport';

/** Debian's rsync as a child on this machine, which keeps all that it says. */
export class RecordedRsync implements Transport {
  readonly stream: Duplex;
  readonly ended: Promise<number | undefined>;
  readonly #said: Buffer[] = [];
  readonly #child;

  constructor(folder: string) {
    installRsync();
    const options = ['--server', '--sender', '-ltpre.fC', '--numeric-ids', '--checksum-seed=1'];
    this.#child = spawn('/usr/bin/rsync', [...options, '.', `${folder}/`]);
    const { stdin, stdout } = this.#child;
    stdout.on('data', (chunk: Buffer) => this.#said.push(chunk));
    this.stream = Duplex.from({ writable: stdin, readable: stdout });
    this.ended = new Promise((resolve) => {
      this.#child.on('close', (code) => resolve(code ?? undefined));
    });
  }

  get said(): Buffer {
    return Buffer.concat(this.#said);
  }

  onErrorText(listener: (text: Buffer) => void): void {
    this.#child.stderr.on('data', listener);
  }

  drop(): void {
    this.#child.kill();
  }
}
