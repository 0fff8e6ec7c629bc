import type { CopyProgress } from '../copies/copyRepository';
import { bytesText } from '../report/figures';
import type { Terminal } from './output';
import type { Session } from './session';

/** One line at the bottom of the terminal while a copy is made or brought back. */
export class CopyLine implements Disposable {
  readonly #terminal: Terminal;
  readonly #name: string;

  private constructor(terminal: Terminal, name: string) {
    this.#terminal = terminal;
    this.#name = name;
  }

  /** Undefined where nobody would see it. */
  static show({ output }: Session, name: string): CopyLine | undefined {
    const { quiet, json } = output.options;
    const isSeen = !quiet && !json && output.terminal.error.isTTY === true;
    return isSeen ? new CopyLine(output.terminal, name) : undefined;
  }

  /** @param what is copied */
  set(what: string, { files, totalFiles, bytes, totalBytes }: CopyProgress): void {
    const { columns } = this.#terminal.error;
    // Some terminals do not know their width and say 0.
    const width = columns === undefined || columns === 0 ? 79 : columns - 1;
    const amounts = `files ${files}/${totalFiles}, ${bytesText(bytes)} of ${bytesText(totalBytes)}`;
    const line = `${this.#name}: ${what}: ${amounts}`.slice(0, width);
    this.#terminal.error.write(`\r${line}\x1b[K`);
  }

  clear(): void {
    this.#terminal.error.write('\r\x1b[K');
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
