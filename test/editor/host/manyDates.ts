import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { snapshotIdAt } from '../../../src/model/snapshotId';
import type { Disk, DiskPath } from '../../../src/store/disk';
import { nodeDisk } from '../../../src/store/nodeDisk';
import { Store } from '../../../src/store/store';
import type { WorkspaceConfiguration } from '../../../src/vscode/workspaceConfiguration';
import { PathFilter } from '../../../src/vscode/pathFilter';
import { Proving } from '../../../src/vscode/proof/proving';
import type { Runs } from '../../../src/vscode/runs';
import { SnapshotReading } from '../../../src/vscode/snapshotReading';
import { Snapshots } from '../../../src/vscode/snapshots';
import { SnapshotStandings } from '../../../src/vscode/snapshotStandings';
import { SnapshotsTree } from '../../../src/vscode/snapshotsTree';

const day = 86_400_000;
const newest = Date.UTC(2026, 10, 23, 12);

/** Two hundred servers, the first with a thousand snapshots. Which manifests are read is written down. */
export class ManyDates implements Disposable {
  readonly tree: SnapshotsTree;
  readonly manifestsRead = new Set<string>();
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'sauvegarde-many-'));
  readonly #manifest: string;

  /** @param manifest of a snapshot of which all others are copies */
  constructor(manifest: string) {
    this.#manifest = manifest;
    const servers = Array.from({ length: 200 }, (_, index) => ({ name: `server-${index}` }));
    for (const [index, { name }] of servers.entries()) {
      for (let past = 0; past < (index === 0 ? 1000 : 5); past += 1) this.#add(name, past * day);
    }
    const configuration = { servers } as unknown as WorkspaceConfiguration;
    const runs = { stateOf: () => undefined } as unknown as Runs;
    const disk = this.#watched();
    const snapshots = new Snapshots((name) => new Store(this.#folder, name, disk));
    const standings = new SnapshotStandings(new Proving(), runs);
    const filter = new PathFilter();
    const reading = new SnapshotReading({ configuration, snapshots, standings, runs, filter });
    this.tree = new SnapshotsTree(configuration, snapshots, reading);
  }

  /** Has the tree look at the disk, where an old month has one snapshot more. */
  async lookAgain(): Promise<void> {
    const drawn = new Promise<unknown>((resolve) => this.tree.onDidChangeTreeData(resolve));
    this.#add('server-0', 500.5 * day);
    this.tree.refresh();
    await drawn;
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }

  #add(server: string, age: number): void {
    const { layout } = new Store(this.#folder, server);
    const id = snapshotIdAt(newest - age);
    mkdirSync(layout.manifests, { recursive: true });
    mkdirSync(layout.snapshot(id));
    copyFileSync(this.#manifest, layout.manifest(id));
  }

  #watched(): Disk {
    const note = (place: DiskPath): void => {
      if (String(place).endsWith('.ndjson')) this.manifestsRead.add(String(place));
    };
    return {
      ...nodeDisk,
      readFile: (place, start) => {
        note(place);
        return nodeDisk.readFile(place, start);
      },
      readWhole: (place, longest) => {
        note(place);
        return nodeDisk.readWhole(place, longest);
      },
      readEnd: (place, longest) => {
        note(place);
        return nodeDisk.readEnd(place, longest);
      },
    };
  }
}
