import type { Clock } from '../base/clock';
import type { VerifyProgress } from '../jobs/verify/snapshotCheck';
import { bytesText, countText } from '../report/figures';
import { BottomLine } from './bottomLine';
import type { Terminal } from './output';

const every = 200;

/** One line at the bottom of the terminal while a verification is under way. */
export class VerifyLine implements Disposable {
  readonly #line: BottomLine;
  readonly #progress: VerifyProgress;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #started: number;
  readonly #timer: NodeJS.Timeout;

  constructor(terminal: Terminal, progress: VerifyProgress, clock: Clock, name: string) {
    this.#line = new BottomLine(terminal);
    this.#progress = progress;
    this.#clock = clock;
    this.#name = name;
    this.#started = clock.monotonic();
    this.#timer = setInterval(() => this.#draw(), every);
  }

  clear(): void {
    this.#line.clear();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #draw(): void {
    const { snapshot = '', files, bytes } = this.#progress;
    const seconds = (this.#clock.monotonic() - this.#started) / 1000;
    const rate = bytesText(seconds > 0 ? bytes / seconds : 0);
    const read = `${countText(files, 'file')}, ${bytesText(bytes)}, ${rate}/s`;
    this.#line.show(`${this.#name}: verifying ${snapshot}: ${read}`);
  }
}
