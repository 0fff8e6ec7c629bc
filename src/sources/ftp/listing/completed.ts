import type { Listed, Listing } from './listed';

/**
 * The listing by MLSD with what only LIST knows: targets of links, links that MLSD leaves out, and
 * which of the supposed files are none. Sizes and times stay those of MLSD.
 */
export function completed(machine: Listing, plain: Listing): Listing {
  const others = new Map(plain.entries.map((entry) => [entry.name, entry]));
  const entries = machine.entries.map((entry) => {
    const other = others.get(entry.name);
    others.delete(entry.name);
    return other === undefined ? entry : corrected(entry, other);
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
