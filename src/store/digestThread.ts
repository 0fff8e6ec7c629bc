import { Worker } from 'node:worker_threads';

/** Megabytes: see `lookingThread.ts`. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** A message without a block asks for the digest; `last` is the end of the file. */
interface Message {
  readonly file: number;
  readonly block?: ArrayBuffer;
  readonly length?: number;
  readonly last?: true;
}

interface Answer {
  readonly digest?: string;
  readonly block?: ArrayBuffer;
}

/** The program of the thread, given as text for the reason told in `lookingThread.ts`. */
const program = `
const { parentPort } = require('node:worker_threads');
const { createHash } = require('node:crypto');
const hashes = new Map();
parentPort.on('message', ({ file, block, length, last }) => {
  if (last) return void hashes.delete(file);
  if (!hashes.has(file)) hashes.set(file, createHash('sha256'));
  const hash = hashes.get(file);
  if (!block) return parentPort.postMessage({ digest: hash.copy().digest('hex') });
  hash.update(new Uint8Array(block, 0, length));
  parentPort.postMessage({ block }, [block]);
});
`;

type Resolve = (answer: Answer) => void;

/** A thread that hashes the content of files, each in the order in which it is given. */
export class DigestThread implements AsyncDisposable {
  readonly #worker: Worker;
  /** Who waits for an answer, in the order of the questions. */
  readonly #waiting: Resolve[] = [];
  #hasEnded = false;

  private constructor() {
    this.#worker = new Worker(program, { eval: true, resourceLimits });
    this.#worker.on('message', (answer: Answer) => this.#waiting.shift()?.(answer));
    this.#worker.on('error', () => this.#giveUp());
    this.#worker.on('exit', () => this.#giveUp());
  }

  /** Undefined where there is none to be had. */
  static start(): DigestThread | undefined {
    try {
      return new DigestThread();
    } catch {
      return undefined;
    }
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Takes the block away, and gives it back when its first bytes are hashed; undefined if the thread has ended. */
  async update(file: number, block: ArrayBuffer, length: number): Promise<ArrayBuffer | undefined> {
    return (await this.#ask({ file, block, length })).block;
  }

  /** SHA-256 in hexadecimal of what was given of the file; undefined if the thread has ended. */
  async digest(file: number): Promise<string | undefined> {
    return (await this.#ask({ file })).digest;
  }

  forget(file: number): void {
    if (!this.#hasEnded) this.#worker.postMessage({ file, last: true } satisfies Message);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #ask(message: Message): Promise<Answer> {
    return new Promise((resolve) => {
      if (this.#hasEnded) {
        resolve({});
        return;
      }
      this.#waiting.push(resolve);
      this.#worker.postMessage(message, message.block ? [message.block] : []);
    });
  }

  #giveUp(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve({});
  }
}
