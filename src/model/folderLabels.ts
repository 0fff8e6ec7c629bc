/** A folder of a workspace: what it is called there, and its absolute path. */
export interface LabelledFolder {
  readonly name: string;
  readonly path: string;
}

/**
 * What to call each folder so that no two have the same name: `shop`, or `shop (old)` beside `shop (new)`,
 * with as much of the path as tells them apart. It does not depend on their order.
 */
export function folderLabels(folders: readonly LabelledFolder[]): string[] {
  const depths = folders.map(() => 0);
  const labels = (): string[] => folders.map((folder, at) => labelled(folder, depths[at] ?? 0));
  for (;;) {
    const now = labels();
    const deepened = repeated(now).filter((at) => isDeeper(folders[at], depths[at] ?? 0));
    if (deepened.length === 0) return numbered(now);
    for (const at of deepened) depths[at] = (depths[at] ?? 0) + 1;
  }
}

function labelled(folder: LabelledFolder, depth: number): string {
  const { name } = folder;
  return depth === 0 ? name : `${name} (${hints(folder).slice(-depth).join('/')})`;
}

function isDeeper(folder: LabelledFolder | undefined, depth: number): boolean {
  return folder !== undefined && hints(folder).length > depth;
}

/** The parts of the path that a name may be explained by: not the last one, where that is the name itself. */
function hints({ name, path }: LabelledFolder): string[] {
  const parts = path.split(/[\\/]/).filter(Boolean);
  return parts.at(-1) === name ? parts.slice(0, -1) : parts;
}

/** The places of the labels that stand there more than once. */
function repeated(labels: readonly string[]): number[] {
  return labels.flatMap((label, at) =>
    labels.some((other, place) => other === label && place !== at) ? [at] : [],
  );
}

/** Names may be chosen so that no path tells them apart. */
function numbered(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((label) => {
    let free = label;
    for (let number = 2; taken.has(free); number += 1) free = `${label} ${number}`;
    taken.add(free);
    return free;
  });
}
