import type { Terminal } from './output';

/** Of a terminal that does not know its width. */
const usualColumns = 80;

/** The line at the bottom of a terminal that says how far something has come. */
export class BottomLine {
  readonly #terminal: Terminal;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** In the place of what stood there, cut to the width of the terminal. */
  show(text: string): void {
    const { error } = this.#terminal;
    // Some say 0.
    const columns =
      error.columns === undefined || error.columns === 0 ? usualColumns : error.columns;
    error.write(`\r${text.slice(0, columns - 1)}\x1b[K`);
  }

  clear(): void {
    this.#terminal.error.write('\r\x1b[K');
  }
}
