import { bytesText, durationText } from '../report/figures';
import type { RunProgress } from '../model/progress';
import type { Clock } from '../base/clock';
import { BottomLine } from './bottomLine';
import type { Terminal } from './output';

const every = 200;
/** The rate is an average over about so many milliseconds. */
const rateWindow = 5000;

/** One line at the bottom of the terminal while a run is under way: files n/N, bytes, rate, time left. */
export class ProgressLine implements Disposable {
  readonly #line: BottomLine;
  readonly #progress: RunProgress;
  readonly #clock: Clock;
  readonly #name: string;
  readonly #timer: NodeJS.Timeout;
  readonly #samples: { at: number; bytes: number }[] = [];

  constructor(terminal: Terminal, progress: RunProgress, clock: Clock, name: string) {
    this.#line = new BottomLine(terminal);
    this.#progress = progress;
    this.#clock = clock;
    this.#name = name;
    this.#timer = setInterval(() => this.#draw(), every);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#line.clear();
  }

  #draw(): void {
    this.#line.show(progressText(this.#name, this.#progress, this.#rate()));
  }

  /** Bytes per second. */
  #rate(): number {
    const now = this.#clock.monotonic();
    this.#samples.push({ at: now, bytes: this.#progress.fetchedBytes });
    while ((this.#samples[0]?.at ?? now) < now - rateWindow) this.#samples.shift();
    const first = this.#samples[0];
    if (!first || now - first.at < every) return 0;
    return ((this.#progress.fetchedBytes - first.bytes) / (now - first.at)) * 1000;
  }
}

/** @param rate bytes per second */
export function progressText(name: string, progress: RunProgress, rate: number): string {
  if (progress.phase === 'connecting') return `${name}: connecting…`;
  if (progress.phase === 'publishing') return `${name}: finishing the snapshot…`;
  const total = `${progress.wantedFiles}${progress.scanned ? '' : '+'}`;
  const parts = [
    `${progress.entries} found`,
    `files ${progress.fetchedFiles}/${total}`,
    `${bytesText(progress.fetchedBytes)} of ${bytesText(progress.wantedBytes)}`,
    `${bytesText(rate)}/s`,
  ];
  const left = progress.wantedBytes - progress.fetchedBytes;
  if (progress.scanned && rate > 0 && left > 0) parts.push(`${durationText(left / rate)} left`);
  if (progress.skipped > 0) parts.push(`${progress.skipped} skipped`);
  return `${name}: ${parts.join(', ')}`;
}
