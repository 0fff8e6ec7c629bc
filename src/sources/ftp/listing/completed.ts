import type { Listed, Listing } from './listed';

/**
 * The listing by MLSD with what only LIST knows: targets of links, links that MLSD leaves out, and
 * which of the supposed files are none. Sizes and times stay those of MLSD. `inferred` are targets
 * that LIST does not tell.
 */
export function completed(
  machine: Listing,
  plain: Listing,
  inferred: ReadonlyMap<string, string> = new Map(),
): Listing {
  const others = new Map(plain.entries.map((entry) => [entry.name, entry]));
  const entries = machine.entries.map((entry) => {
    const other = others.get(entry.name);
    others.delete(entry.name);
    if (other !== undefined) return corrected(entry, other);
    const target = entry.type === 'symlink' ? inferred.get(entry.name) : undefined;
    return target === undefined ? entry : { ...entry, target };
  });
  const links = [...others.values()].filter((entry) => entry.type === 'symlink');
  return {
    entries: [...entries, ...links],
    itself: machine.itself || plain.itself,
    strange: machine.strange,
  };
}

function corrected(entry: Listed, other: Listed): Listed {
  if (other.type === 'other') return { ...entry, type: 'other', size: 0 };
  if (other.type !== 'symlink') return entry;
  const target = other.target ?? entry.target;
  const link = { ...entry, type: 'symlink' as const, size: 0 };
  return target === undefined ? link : { ...link, target };
}
