import type { Fault, FaultFinder } from './faults';
import type { RawCopy } from './copySchema';
import type { RawConfiguration } from './schema';

/**
 * A name stands for one repository in the whole file: commands, passwords and what is written down of a
 * copy go by it.
 */
export function* faultsOfCopies(raw: RawConfiguration, finder: FaultFinder): Iterable<Fault> {
  const repositories = new Map<string, string>();
  yield* faultsIn(raw.copies ?? [], ['copies'], repositories, finder);
  for (const [name, { copies = [] }] of Object.entries(raw.servers)) {
    yield* faultsIn(copies, ['servers', name, 'copies'], repositories, finder);
  }
}

function* faultsIn(
  copies: readonly RawCopy[],
  path: readonly string[],
  repositories: Map<string, string>,
  finder: FaultFinder,
): Iterable<Fault> {
  const seen = new Set<string>();
  for (const [index, { name, restic }] of copies.entries()) {
    // On most Windows and macOS disks, what is written down of the two would be one file.
    const key = name.toLowerCase();
    const known = repositories.get(key);
    if (seen.has(key) || (known !== undefined && known !== restic)) {
      yield finder.at([...path, index, 'name'], 'a name that no other repository has in this file');
    }
    seen.add(key);
    repositories.set(key, known ?? restic);
  }
}
