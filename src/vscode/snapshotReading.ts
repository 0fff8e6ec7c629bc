import { systemClock } from '../base/clock';
import { Turns } from '../base/turns';
import type { SnapshotId } from '../model/snapshotId';
import type { ConfigurationFile } from './configurationFile';
import type { PathFilter } from './pathFilter';
import type { Runs } from './runs';
import { failure } from './serversTree';
import { readFacts, type SnapshotFacts } from './snapshotFacts';
import type { Arrangement, SnapshotGroup, SnapshotRow, StoreRow } from './snapshotRows';
import type { Snapshots } from './snapshots';
import type { SnapshotStandings } from './snapshotStandings';

interface Parts {
  readonly configuration: ConfigurationFile;
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
    const { configuration, snapshots, filter } = this.#parts;
    const found: Arrangement[] = [];
    const changes = await filter.changes();
    for (const { name: server } of configuration.servers) {
      if (!filter.concerns(server)) continue;
      const all = await snapshots.storeOf(server).ids();
      if (all.length === 0) continue;
      const shown = changes ? all.filter((id) => changes.has(id)) : all;
      found.push({ server, all, shown, troubled: await this.#troubled(server) });
    }
    return found;
  }

  /** Found without reading any of them: what is folded may have to be looked at as well. */
  async #troubled(server: string): Promise<ReadonlySet<SnapshotId>> {
    const { snapshots, runs } = this.#parts;
    const damaged = await snapshots.storeOf(server).damage.ids();
    const suspicions = runs.stateOf(server)?.suspicions ?? [];
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
