import type { CopyProgress } from '../copies/copyRepository';
import { bytesText } from '../report/figures';
import { BottomLine } from './bottomLine';
import type { Session } from './session';

/** One line at the bottom of the terminal while a copy is made or brought back. */
export class CopyLine implements Disposable {
  readonly #line: BottomLine;
  readonly #name: string;

  private constructor(line: BottomLine, name: string) {
    this.#line = line;
    this.#name = name;
  }

  /** Undefined where nobody would see it. */
  static show({ output }: Session, name: string): CopyLine | undefined {
    const { quiet, json } = output.options;
    const isSeen = !quiet && !json && output.terminal.error.isTTY === true;
    return isSeen ? new CopyLine(new BottomLine(output.terminal), name) : undefined;
  }

  /** @param what is copied */
  set(what: string, { files, totalFiles, bytes, totalBytes }: CopyProgress): void {
    const amounts = `files ${files}/${totalFiles}, ${bytesText(bytes)} of ${bytesText(totalBytes)}`;
    this.#line.show(`${this.#name}: ${what}: ${amounts}`);
  }

  clear(): void {
    this.#line.clear();
  }

  [Symbol.dispose](): void {
    this.clear();
  }
}
