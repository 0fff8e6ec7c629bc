import { execFile } from 'node:child_process';
import { BundledProgram } from '../bundledProgram';
import type { Deed } from './deeds';
import type { ServedSite } from './servedSite';

/** Does deeds in a process of its own, which ends itself by `kill -9`. */
export class KilledProgram {
  readonly #program: BundledProgram;

  private constructor(program: BundledProgram) {
    this.#program = program;
  }

  static async make(): Promise<KilledProgram> {
    return new KilledProgram(await BundledProgram.of('test/faults/killedDeed.ts'));
  }

  /**
   * @param at the number of the operation before which it dies, from 1; 0: it comes to its end
   * @param step what the operations that count have in their text
   * @returns how many operations there were; undefined if it was killed
   */
  perform(site: ServedSite, deed: Deed, at: number, step = ''): Promise<number | undefined> {
    const order = { place: site.place, now: site.clock.now(), deed, step, at };
    site.clock.advance(600_000);
    return new Promise((resolve, reject) => {
      const parameters = [this.#program.file, JSON.stringify(order)];
      const child = execFile(process.execPath, parameters, (_error, stdout, stderr) => {
        if (child.signalCode === 'SIGKILL') resolve(undefined);
        else if (child.exitCode === 0) resolve(Number(stdout));
        else reject(new Error(`It ended with ${child.exitCode}: ${stderr}`));
      });
    });
  }

  [Symbol.dispose](): void {
    this.#program[Symbol.dispose]();
  }
}
