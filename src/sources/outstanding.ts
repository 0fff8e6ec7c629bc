/**
 * The bytes of begun files that have not come yet. A further file is begun only while they are few:
 * many files that grow side by side are finished late, and a kill costs what is not finished.
 */
export class Outstanding {
  readonly #most: number;
  #bytes = 0;
  #wake: (() => void) | undefined;

  /** @param most with so many bytes outstanding, no further file is begun */
  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves when a file may be begun. One caller asks. */
  async room(): Promise<void> {
    while (this.#bytes >= this.#most) await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  begin(bytes: number): Remainder {
    this.#bytes += bytes;
    let left = bytes;
    const take = (arrived: number): void => {
      const taken = Math.min(left, arrived);
      left -= taken;
      this.#bytes -= taken;
      if (taken === 0 || this.#bytes >= this.#most) return;
      this.#wake?.();
      this.#wake = undefined;
    };
    return { arrived: take, end: () => take(left) };
  }
}

/** What is still to come of one file. */
export interface Remainder {
  arrived(bytes: number): void;
  /** It is not waited for any more. */
  end(): void;
}
