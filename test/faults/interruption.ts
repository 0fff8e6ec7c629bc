import { diskError } from '../../src/store/diskError';
import { BackupError } from '../../src/base/errors';
import type { Seam, Step } from './deeds';

/** `transient`: one operation fails. `lasting`: all from that one on, as if the plug were pulled. */
export type Fault = 'transient' | 'lasting';

/** What changes nothing cannot find a disk full. */
const looking = new Set(['stat', 'readFile', 'readWhole', 'look', 'read', 'namesIn', 'nodesIn']);

/** Lets the N-th operation fail, and counts them. */
export class Interruption {
  /** Operations that there were so far. */
  operations = 0;
  /** The first that failed. */
  failed: string | undefined;
  readonly #at: number;
  readonly #fault: Fault;
  readonly #code: string;
  readonly #seams: readonly Seam[];

  /** @param at from 1; 0: none fails */
  constructor(at: number, fault: Fault = 'transient', code = 'EIO', ...seams: readonly Seam[]) {
    this.#at = at;
    this.#fault = fault;
    this.#code = code;
    this.#seams = seams.length === 0 ? ['disk', 'connection'] : seams;
  }

  readonly step: Step = (seam, operation, about) => {
    if (!this.#seams.includes(seam)) return;
    if (seam === 'disk' && this.#code === 'ENOSPC' && looking.has(operation)) return;
    this.operations += 1;
    const isOver = this.#fault === 'lasting' && this.failed !== undefined;
    if (this.operations !== this.#at && !isOver) return;
    this.failed ??= `${operation} ${about}`;
    throw seam === 'disk' ? this.#diskFault() : connectionFault();
  };

  #diskFault(): unknown {
    const code = this.#code;
    return diskError(Object.assign(new Error(`${code}: made up`), { code }));
  }
}

function connectionFault(): BackupError {
  return new BackupError('connection', 'Made up: the connection was lost.');
}
