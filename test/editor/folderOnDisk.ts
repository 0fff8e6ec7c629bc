import fs from 'node:fs';
import path from 'node:path';
import type { SnapshotId } from '../../src/model/snapshotId';
import { Store } from '../../src/store/store';

type RawServers = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** One folder of a workspace of several: its configuration, and what is backed up in it. */
export class FolderOnDisk {
  readonly place: string;
  readonly file: string;

  constructor(place: string) {
    this.place = place;
    this.file = path.join(place, '.vscode', 'sauvegarde.json');
    fs.mkdirSync(path.dirname(this.file), { recursive: true });
  }

  /** As a person does with a text editor. */
  configure(servers: RawServers): void {
    this.write(JSON.stringify({ servers }, null, 2));
  }

  write(configuration: string): void {
    fs.writeFileSync(this.file, configuration);
  }

  get configuration(): string {
    return fs.readFileSync(this.file, 'utf8');
  }

  storeOf(server: string): Store {
    return new Store(path.join(this.place, 'backups'), server);
  }

  /** Newest first. */
  snapshotsOf(server: string): Promise<readonly SnapshotId[]> {
    return this.storeOf(server).ids();
  }
}
