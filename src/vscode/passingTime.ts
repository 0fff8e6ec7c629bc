import type { Disposable } from 'vscode';
import type { Clock } from '../base/clock';
import { BackupError } from '../base/errors';

const minute = 60_000;

/** A view, as far as it matters here. */
interface Seen {
  readonly visible: boolean;
  readonly onDidChangeVisibility: (listener: () => void) => Disposable;
}

/**
 * Rows say how long ago something was, and on which day. They are redrawn when a minute of the clock
 * begins, but only while somebody can see them, and when they come to be seen.
 */
export class PassingTime implements Disposable {
  readonly #clock: Clock;
  readonly #views: readonly Seen[];
  readonly #redraw: () => void;
  readonly #subscriptions: readonly Disposable[];
  #stop: AbortController | undefined;

  constructor(clock: Clock, views: readonly Seen[], redraw: () => void) {
    this.#clock = clock;
    this.#views = views;
    this.#redraw = redraw;
    this.#subscriptions = views.map((view) => view.onDidChangeVisibility(() => this.#look()));
    this.#look();
  }

  dispose(): void {
    this.#stop?.abort();
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #look(): void {
    const isSeen = this.#views.some(({ visible }) => visible);
    if (!isSeen) {
      this.#stop?.abort();
      this.#stop = undefined;
      return;
    }
    this.#redraw();
    if (this.#stop) return;
    this.#stop = new AbortController();
    void this.#goOn(this.#stop.signal);
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    try {
      for (;;) {
        await this.#clock.sleep(minute - (this.#clock.now() % minute), signal);
        this.#redraw();
      }
    } catch (error) {
      if (!(error instanceof BackupError) || error.kind !== 'cancelled') throw error;
    }
  }
}
