import { parentOf, type RemotePath } from '../../model/remotePath';
import type { Choosing } from './choice';

/**
 * What a person has ticked and unticked in a tree: the nearest mark at an entry or above it counts.
 * Without one it is left out.
 */
export class MarkedChoice implements Choosing {
  readonly #marks: ReadonlyMap<RemotePath, boolean>;

  constructor(marks: ReadonlyMap<RemotePath, boolean>) {
    this.#marks = marks;
  }

  chooses({ path }: { readonly path: RemotePath }): boolean {
    for (let at = path; ; at = parentOf(at)) {
      const mark = this.#marks.get(at);
      if (mark !== undefined) return mark;
      if (at === '') return false;
    }
  }
}
