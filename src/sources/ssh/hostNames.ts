import { join } from 'node:path';
import { readWithIncludes, type Item } from './includes';

/** What a list can show. */
const most = 1000;

/**
 * The names that `~/.ssh/config` has for hosts, in its order: those of `Host` lines, but no patterns.
 * Empty where it cannot be read, as it is only asked for to make proposals.
 */
export async function hostNames(home: string): Promise<string[]> {
  const folder = join(home, '.ssh');
  try {
    const items = await readWithIncludes(join(folder, 'config'), { folder, home });
    return [...new Set(namesIn(items))].slice(0, most);
  } catch {
    return [];
  }
}

function namesIn(items: readonly Item[]): string[] {
  return items.flatMap((item) => {
    if (item.kind === 'directive') return [];
    if (item.kind === 'files') return item.files.flatMap(namesIn);
    const { param, value } = item.head;
    if (param.toLowerCase() !== 'host') return namesIn(item.items);
    const words = typeof value === 'string' ? [value] : value.map(({ val }) => val);
    return [...words.filter((word) => !/[*?!]/.test(word)), ...namesIn(item.items)];
  });
}
