import { createHere, type Create, type Created } from './createHere';
import type { CreatedFiles, Creating, Disk, DiskPath, FileAttributes, NewFiles } from './disk';
import { diskError } from './diskError';

/** A second one is of use, as each waits for the disk half of its time; a third is not (measured). */
const mostThreads = 2;
/** What goes to a thread at once: a message costs as much as a file on a fast disk. */
const full = { files: 32, bytes: 1024 * 1024 };

interface Pending {
  readonly place: DiskPath;
  readonly content: Buffer;
  readonly attributes: FileAttributes;
  readonly resolve: (created: Created) => void;
  readonly reject: (error: unknown) => void;
}

/** Files that threads create: what comes while all are busy goes to the next idle one together. */
export class CreatingBeside implements AsyncDisposable {
  readonly #disk: Disk;
  readonly #measured: (files: number, milliseconds: number) => void;
  readonly #threads = new Set<Creating>();
  readonly #idle: Creating[] = [];
  readonly #waiting: Pending[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #isAble = true;

  /** @param measured told what each message was: how many files, and what creating them took */
  constructor(disk: Disk, measured: (files: number, milliseconds: number) => void) {
    this.#disk = disk;
    this.#measured = measured;
  }

  /** Whether there are threads to be had, as far as is known. */
  get isAble(): boolean {
    return this.#isAble;
  }

  readonly create: Create = (place, content, attributes) =>
    new Promise((resolve, reject) => {
      this.#waiting.push({ place, content, attributes, resolve, reject });
      this.#send();
    });

  /** Resolves when nothing more is created. */
  async [Symbol.asyncDispose](): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
    for (const thread of this.#threads) await thread[Symbol.asyncDispose]();
  }

  #send(): void {
    if (this.#waiting.length === 0) return;
    const thread = this.#idle.pop() ?? this.#further();
    if (thread) this.#follow(this.#createBeside(thread, this.#takeBatch()));
    else if (this.#threads.size === 0) this.#follow(this.#createHere(this.#waiting.splice(0)));
  }

  #follow(work: Promise<void>): void {
    const followed = work.finally(() => this.#underWay.delete(followed));
    this.#underWay.add(followed);
  }

  /** A second thread only when the first one does not keep up. */
  #further(): Creating | undefined {
    const { size } = this.#threads;
    if (size >= mostThreads || (size > 0 && this.#waiting.length < full.files)) return undefined;
    const thread = this.#isAble ? this.#disk.startCreating() : undefined;
    if (thread) this.#threads.add(thread);
    else this.#isAble = false;
    return thread;
  }

  #takeBatch(): Pending[] {
    let bytes = 0;
    let count = 0;
    for (const { content } of this.#waiting) {
      if (count > 0 && (count >= full.files || bytes + content.length > full.bytes)) break;
      bytes += content.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #createBeside(thread: Creating, batch: readonly Pending[]): Promise<void> {
    const created = await thread.create(columnsOf(batch));
    if (created) {
      this.#idle.push(thread);
      this.#measured(batch.length, created.milliseconds);
      settle(batch, created);
    } else {
      this.#threads.delete(thread);
      this.#isAble = false;
      await this.#createHere(batch);
    }
    this.#send();
  }

  /** In the place of a thread that has ended, and may have created some of them. */
  async #createHere(batch: readonly Pending[]): Promise<void> {
    for (const { place, content, attributes, resolve, reject } of batch) {
      try {
        await this.#disk.remove(place);
        resolve(createHere(this.#disk, place, content, attributes));
      } catch (error) {
        reject(error);
      }
    }
  }
}

function columnsOf(batch: readonly Pending[]): NewFiles {
  const bytes = batch.reduce((sum, { content }) => sum + content.length, 0);
  const content = new Uint8Array(bytes);
  let end = 0;
  const ends = batch.map((pending) => {
    content.set(pending.content, end);
    return (end += pending.content.length);
  });
  return {
    places: batch.map(({ place }) => place),
    modes: batch.map(({ attributes }) => attributes.mode),
    mtimes: batch.map(({ attributes }) => attributes.mtime),
    ends,
    content,
  };
}

function settle(batch: readonly Pending[], { digests, stats, failures }: CreatedFiles): void {
  for (const [number, { resolve, reject }] of batch.entries()) {
    const stat = stats[number];
    const failure = failures.get(number);
    if (stat) resolve({ sha256: digests[number] ?? '', stat });
    else reject(diskError(Object.assign(new Error(failure?.message), { code: failure?.code })));
  }
}
