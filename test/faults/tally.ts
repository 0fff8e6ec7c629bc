import { appendFileSync } from 'node:fs';
import { messageOf } from '../../src/base/errors';

/** Where the benchmark collects the rows. */
const output = process.env['SAUVEGARDE_FAULTS_TABLE'];
/** So many violations are told in full; nobody reads more. */
const mostTold = 20;

/** What was tried, and what of it was not as it must be: a row of the table of faults. */
export class Tally {
  readonly #fault: string;
  readonly #what: string;
  readonly #violations: string[] = [];
  #tried = 0;

  /** @param fault what was done to it, @param what what it was done to */
  constructor(fault: string, what: string) {
    this.#fault = fault;
    this.#what = what;
  }

  /** Goes on after a violation, so that all of them are told. */
  async try(about: string, attempt: () => Promise<void>): Promise<void> {
    this.#tried += 1;
    try {
      await attempt();
    } catch (error) {
      this.#violations.push(`${about}: ${messageOf(error)}`);
    }
  }

  /** Prints the row. @returns the violations */
  end(): string[] {
    const row = {
      fault: this.#fault,
      in: this.#what,
      tried: this.#tried,
      violations: this.#violations.length,
    };
    console.table([row]);
    if (output !== undefined) appendFileSync(output, `${JSON.stringify(row)}\n`);
    return this.#violations.slice(0, mostTold);
  }
}
