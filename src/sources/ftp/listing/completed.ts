import { isNamed, type Listed, type Listing, type Named } from './listed';

/**
 * The listing by MLSD with what only LIST knows: targets of links, links that MLSD leaves out, which
 * of the supposed files are none, and what the entries are that MLSD does not tell. Sizes and times stay
 * those of MLSD. `inferred` are targets that LIST does not tell.
 *
 * Other names that only LIST has are given as `named`, not as entries: a line break in a name makes
 * such lines, and so does another encoding.
 */
export function completed(
  machine: Listing,
  plain: Listing,
  inferred: ReadonlyMap<string, string> = new Map(),
): Listing & { readonly beyond: readonly Named[] } {
  const others = new Map<string, Listed | Named>();
  for (const entry of [...plain.named, ...plain.entries]) others.set(nameOf(entry), entry);
  const taken = (name: string): Listed | undefined => {
    const other = others.get(name);
    others.delete(name);
    return other === undefined || isNamed(other) ? undefined : other;
  };
  const entries = machine.entries.map((entry) => {
    const other = taken(entry.name);
    if (other !== undefined) return corrected(entry, other);
    const target = entry.type === 'symlink' ? inferred.get(entry.name) : undefined;
    return target === undefined ? entry : { ...entry, target };
  });
  const named: Named[] = [];
  for (const one of machine.named) {
    const other = taken(one.named);
    if (other === undefined) named.push(one);
    else entries.push(other);
  }
  const left = [...others.values()];
  const links = left.filter(isLink);
  const beyond = left.filter((entry) => !isLink(entry) && !isHeading(entry)).map(asNamed);
  return {
    ...{ entries: [...entries, ...links], named, beyond },
    itself: machine.itself || plain.itself,
    strange: machine.strange,
  };
}

function isLink(entry: Listed | Named): entry is Listed {
  return !isNamed(entry) && entry.type === 'symlink';
}

function isHeading(entry: Listed | Named): boolean {
  return isNamed(entry) && entry.otherwise === 'nothing';
}

function nameOf(entry: Listed | Named): string {
  return isNamed(entry) ? entry.named : entry.name;
}

function asNamed(entry: Listed | Named): Named {
  return isNamed(entry) ? entry : { named: entry.name, hint: entry.type };
}

function corrected(entry: Listed, other: Listed): Listed {
  if (other.type === 'other') return { ...entry, type: 'other', size: 0 };
  if (other.type === 'symlink') {
    const target = other.target ?? entry.target;
    const link = { ...entry, type: 'symlink' as const, size: 0 };
    return target === undefined ? link : { ...link, target };
  }
  return entry;
}
