import path from 'node:path';

/** A server of the window, and the folder that its stores are in. */
interface Stored {
  readonly name: string;
  readonly destination: string;
  /** Its name there. */
  readonly own: string;
}

/**
 * The servers that would be backed up into the same folder, each with the others: their snapshots would
 * pass for those of one server. Disks that do not mind capitals are minded.
 */
export function sharedStores(servers: readonly Stored[]): ReadonlyMap<string, readonly string[]> {
  const byStore = new Map<string, string[]>();
  for (const { name, destination, own } of servers) {
    const store = path.join(destination, own.toLowerCase());
    byStore.set(store, [...(byStore.get(store) ?? []), name]);
  }
  const shared = [...byStore.values()].filter((names) => names.length > 1);
  return new Map(
    shared.flatMap((names) =>
      names.map((name) => [name, names.filter((other) => other !== name)] as const),
    ),
  );
}
