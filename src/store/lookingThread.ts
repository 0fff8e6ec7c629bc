import crypto from 'node:crypto';
import fs from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { FoundFiles, Looking, WantedFiles } from './disk';
import { diskStatOf } from './diskStat';
import { comparerOfFiles, lookerAtFiles } from './lookAtFile';

/** Megabytes. What the thread makes is waste as soon as it is sent: without a bound it gathers four times that. */
const resourceLimits = { maxYoungGenerationSizeMb: 4 };

/**
 * The program of the thread. It is given as text, so that it needs no file of its own beside the extension
 * and the command line: it may use nothing but what Node has.
 */
const program = `
const { parentPort, workerData } = require('node:worker_threads');
const isStopped = () => Atomics.load(workerData, 0) !== 0;
const look = (${lookerAtFiles.toString()})(require('node:fs'), require('node:crypto'), isStopped, ${diskStatOf.toString()});
const compare = (${comparerOfFiles.toString()})(look);
parentPort.on('message', (wanted) => parentPort.postMessage(compare(wanted)));
`;

type Resolve = (found: FoundFiles | undefined) => void;

/**
 * A thread that looks at files, by calls that wait: those cost a third of what Node's own pool takes. One,
 * as a second brings nothing: decoding the manifest keeps this thread as busy as small files keep that one
 * (measured).
 */
export class LookingThread implements Looking {
  /** One that is read, and what lies ready. */
  readonly width = 3;
  readonly #stop = new Int32Array(new SharedArrayBuffer(4));
  readonly #worker: Worker;
  /** Who waits for an answer, in the order of the questions. */
  readonly #waiting: Resolve[] = [];
  #hasEnded = false;

  private constructor() {
    this.#worker = new Worker(program, { eval: true, workerData: this.#stop, resourceLimits });
    this.#worker.on('message', (found: FoundFiles) => this.#waiting.shift()?.(found));
    this.#worker.on('error', () => this.#giveUp());
    this.#worker.on('exit', () => this.#giveUp());
  }

  /** Undefined where there is none to be had. */
  static start(): LookingThread | undefined {
    try {
      return new LookingThread();
    } catch {
      return undefined;
    }
  }

  async look(wanted: WantedFiles): Promise<FoundFiles> {
    const found = await new Promise<FoundFiles | undefined>((resolve) => {
      if (this.#hasEnded) resolve(undefined);
      else {
        this.#waiting.push(resolve);
        this.#worker.postMessage(wanted);
      }
    });
    // A thread that ended, as memory ran out, leaves the work to this one.
    return found ?? lookHere(wanted);
  }

  [Symbol.dispose](): void {
    Atomics.store(this.#stop, 0, 1);
    void this.#worker.terminate();
  }

  #giveUp(): void {
    this.#hasEnded = true;
    for (const resolve of this.#waiting.splice(0)) resolve(undefined);
  }
}

const lookHere = comparerOfFiles(lookerAtFiles(fs, crypto, () => false, diskStatOf));
