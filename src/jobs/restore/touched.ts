import { parentOf, type RemotePath } from '../../model/remotePath';
import { KeySet } from '../../store/keySet';
import type { PlannedAction } from './plannedAction';

/** Where a restore writes: what is looked at again afterwards, and nothing else. */
export class Touched {
  readonly #paths = new KeySet();
  #last: RemotePath | undefined;

  add({ action, place }: PlannedAction): void {
    if (action !== 'create' && action !== 'overwrite' && action !== 'delete') return;
    this.#paths.add(place);
    const parent = parentOf(place);
    if (parent === this.#last) return;
    this.#last = parent;
    for (let at = parent; ; at = parentOf(at)) {
      this.#paths.add(at);
      if (at === '') return;
    }
  }

  /** Whether something is written at the place, or in it if it is a folder, or further down. */
  has(place: RemotePath): boolean {
    return this.#paths.has(place);
  }
}
