import { systemClock } from '../base/clock';
import { Turns } from '../base/turns';
import type { SnapshotId } from '../model/snapshotId';
import type { Store } from '../store/store';
import type { WorkspaceConfiguration } from './workspaceConfiguration';
import type { PathFilter } from './pathFilter';
import type { Runs } from './runs';
import { failure } from './serversTree';
import { readFacts, type SnapshotFacts } from './snapshotFacts';
import type { Arrangement, SnapshotGroup, SnapshotRow, StoreRow } from './snapshotRows';
import type { Snapshots } from './snapshots';
import type { SnapshotStandings } from './snapshotStandings';

interface Parts {
  readonly configuration: WorkspaceConfiguration;
  readonly snapshots: Snapshots;
  readonly standings: SnapshotStandings;
  readonly runs: Runs;
  readonly filter: PathFilter;
}

/** Reads for the Snapshots view: names of what is folded, more of what is opened. */
export class SnapshotReading {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Only servers that have a snapshot: else the view says what to do. */
  async arrangements(): Promise<Arrangement[]> {
    const { configuration, filter } = this.#parts;
    const found: Arrangement[] = [];
    const changes = await filter.changes();
    for (const { name: server } of configuration.servers) {
      const store = filter.concerns(server) ? this.#openable(server) : undefined;
      const all = (await store?.ids()) ?? [];
      if (!store || all.length === 0) continue;
      const shown = changes ? all.filter((id) => changes.has(id)) : all;
      found.push({ server, all, shown, troubled: await this.#troubled(server, store) });
    }
    return found;
  }

  /** One that may not be opened must not hide the others; its row in the Servers view says why. */
  #openable(server: string): Store | undefined {
    try {
      return this.#parts.snapshots.storeOf(server);
    } catch {
      return undefined;
    }
  }

  /** Found without reading any of them: what is folded may have to be looked at as well. */
  async #troubled(server: string, store: Store): Promise<ReadonlySet<SnapshotId>> {
    const damaged = await store.damage.ids();
    const suspicions = this.#parts.runs.stateOf(server)?.suspicions ?? [];
    return new Set([...damaged, ...suspicions.map(({ snapshot }) => snapshot)]);
  }

  /** Reads the snapshots of a group. Returns the rows that are to be drawn anew. */
  async readGroup(store: StoreRow, group: SnapshotGroup): Promise<SnapshotRow[]> {
    const { server } = store;
    try {
      const changes = await this.#parts.filter.changes();
      const found: SnapshotFacts[] = [];
      const turns = new Turns();
      for (const id of group.ids) {
        found.push({ ...(await this.#factsOf(store, id)), ofPath: changes?.get(id) });
        if (turns.isOver) await turns.next();
      }
      return store.take(group, found, systemClock.now());
    } catch (error) {
      group.rows = [failure(error, server)];
      return [];
    }
  }

  async #factsOf(store: StoreRow, id: SnapshotId): Promise<Omit<SnapshotFacts, 'ofPath'>> {
    const { server } = store;
    const { configuration, snapshots, standings } = this.#parts;
    return {
      ...(await readFacts(standings, server, snapshots.storeOf(server), id)),
      isOnlyOfItsDay: store.isOnlyOfItsDay(id),
      keep: configuration.servers.find(({ name }) => name === server)?.unattended?.keep,
    };
  }
}
