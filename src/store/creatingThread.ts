import { Worker } from 'node:worker_threads';
import { creatorOfFile, creatorOfFiles } from './createFiles';
import type { CreatedFiles, Creating, NewFiles } from './disk';
import { diskStatOf } from './diskStat';

/** Megabytes: see `lookingThread.ts`. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/** The program of the thread, given as text for the reason told in `lookingThread.ts`. */
const program = `
const { parentPort } = require('node:worker_threads');
const create = (${creatorOfFile.toString()})(require('node:fs'), ${diskStatOf.toString()});
const now = () => performance.now();
const createAll = (${creatorOfFiles.toString()})(create, require('node:crypto'), now);
parentPort.on('message', (files) => parentPort.postMessage(createAll(files)));
`;

type Resolve = (created: CreatedFiles | undefined) => void;

/** A thread that creates files, by calls that wait. */
export class CreatingThread implements Creating {
  readonly #worker: Worker;
  /** Who waits for an answer, in the order of the questions. */
  readonly #waiting: Resolve[] = [];
  #hasEnded = false;

  private constructor() {
    this.#worker = new Worker(program, { eval: true, resourceLimits });
    this.#worker.on('message', (created: CreatedFiles) => this.#waiting.shift()?.(created));
    // The end of the thread follows, and only then is it sure that it creates nothing more.
    this.#worker.on('error', () => undefined);
    this.#worker.on('exit', () => this.#giveUp());
  }

  /** Undefined where there is none to be had. */
  static start(): CreatingThread | undefined {
    try {
      return new CreatingThread();
    } catch {
      return undefined;
    }
  }

  create(files: NewFiles): Promise<CreatedFiles | undefined> {
    return new Promise((resolve) => {
      if (this.#hasEnded) {
        resolve(undefined);
        return;
      }
      this.#waiting.push(resolve);
      this.#worker.postMessage(files, [files.content.buffer]);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #giveUp(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}
