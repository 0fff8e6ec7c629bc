import type { RemotePath } from '../../model/remotePath';
import type { Owner } from '../ownerToTake';

/** So many folders are remembered at once. */
const mostKnown = 10_000;

/**
 * Whose a new file is at first, in each folder: the account's, with the group that the folder may give it.
 * Known of one file it is known of the others, and nothing has to be waited for before their owner is set.
 */
export class NewOwners {
  readonly #known = new Map<RemotePath, Owner>();

  in(folder: RemotePath): Owner | undefined {
    return this.#known.get(folder);
  }

  learn(folder: RemotePath, owner: Owner): void {
    if (this.#known.size >= mostKnown) this.#known.clear();
    this.#known.set(folder, owner);
  }
}
