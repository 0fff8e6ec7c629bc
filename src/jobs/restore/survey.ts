import { throwIfAborted } from '../../base/abort';
import type { ManifestEntry, ManifestHeader } from '../../model/manifest';
import {
  compareInFolderOrder,
  isWithin,
  remotePath,
  type RemotePath,
} from '../../model/remotePath';
import { KeySet } from '../../store/keySet';
import type { Choosing } from './choice';

/** What a restore is about, found in one pass over the manifest. */
export interface Survey {
  /** The chosen entries, and the folders above them. */
  readonly known: KeySet;
  /** Where to begin to look at the target: none within another, in folder order. */
  readonly roots: readonly RemotePath[];
  readonly chosenEntries: number;
}

export async function surveyOf(
  header: ManifestHeader,
  entries: AsyncIterable<ManifestEntry>,
  choice: Choosing,
  signal: AbortSignal,
): Promise<Survey> {
  const known = new KeySet();
  const roots = new Roots(header.include.map(remotePath));
  let chosenEntries = 0;
  let last = '';
  for await (const entry of entries) {
    throwIfAborted(signal);
    if (!choice.chooses(entry)) continue;
    chosenEntries += 1;
    roots.add(entry.path);
    for (const folder of foldersAbove(entry.path)) {
      if (!last.startsWith(`${folder}/`)) known.add(folder);
    }
    known.add(entry.path);
    last = entry.path;
  }
  return { known, roots: roots.used(), chosenEntries };
}

/** From the outermost on. */
function* foldersAbove(path: RemotePath): Generator<RemotePath> {
  for (let end = path.indexOf('/'); end > 0; end = path.indexOf('/', end + 1)) {
    yield path.slice(0, end) as RemotePath;
  }
}

/**
 * The included paths below which something was chosen. What lies in none of them, as in a snapshot whose
 * header was not made by a backup, is a root of its own: it must not go unseen.
 */
class Roots {
  readonly #included: readonly RemotePath[];
  readonly #used = new Set<RemotePath>();
  #last: RemotePath | undefined;

  constructor(included: readonly RemotePath[]) {
    const sorted = [...included].sort(compareInFolderOrder);
    this.#included = sorted.filter(
      (path, index) => !sorted.slice(0, index).some((earlier) => isWithin(path, earlier)),
    );
  }

  add(path: RemotePath): void {
    if (this.#last !== undefined && isWithin(path, this.#last)) return;
    this.#last = this.#included.find((root) => isWithin(path, root)) ?? path;
    this.#used.add(this.#last);
  }

  used(): readonly RemotePath[] {
    const sorted = [...this.#used].sort(compareInFolderOrder);
    return sorted.filter(
      (path, index) => index === 0 || !isWithin(path, sorted[index - 1] ?? path),
    );
  }
}
