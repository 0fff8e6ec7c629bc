import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { silentLog } from '../../src/base/log';
import { backUp } from '../../src/jobs/backUp/backUp';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RawServer } from '../../src/model/configuration/schema';
import type { ManifestEntry } from '../../src/model/manifest';
import type { RunReport } from '../../src/report/runReport';
import { WalkedSource } from '../../src/sources/walkedSource';
import type { Disk } from '../../src/store/disk';
import { Store } from '../../src/store/store';
import { MemoryServer } from '../sources/memoryServer';
import { TestClock } from '../sources/testClock';
import { watchedDisk } from './watchedDisk';

export const quickDisk: Disk = watchedDisk(() => undefined);

/** A store on this machine's disk and a server in memory. */
export class StoreFixture implements Disposable {
  readonly workspace: string;
  readonly server: MemoryServer;
  readonly clock = new TestClock();

  constructor(server = new MemoryServer(), workspace?: string) {
    this.workspace = workspace ?? fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-store-'));
    this.server = server;
  }

  get store(): Store {
    return this.storeOn(quickDisk);
  }

  storeOn(disk: Disk): Store {
    return new Store(path.join(this.workspace, 'backups'), 'test', disk);
  }

  run(
    disk: Disk = quickDisk,
    changes: Partial<RawServer> = {},
    signal = new AbortController().signal,
  ): Promise<RunReport> {
    const raw = { protocol: 'local', include: ['/data'], ...changes };
    const parsed = parseConfiguration(JSON.stringify({ servers: { test: raw } }), this.workspace);
    const server = parsed.configuration?.servers.get('test');
    if (!server) throw new Error(parsed.faults.map((fault) => fault.message).join('\n'));
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    this.clock.advance(60_000);
    return backUp({
      server,
      store: this.storeOn(disk),
      environment: {
        clock: this.clock,
        log: silentLog,
        credentials: { password: nothing, passphrase: nothing, answers: nothing },
        home: this.workspace,
        agent: undefined,
        user: 'nobody',
      },
      signal,
      open: () => Promise.resolve(new WalkedSource(this.server, this.clock)),
    });
  }

  async entries(id: string): Promise<Map<string, ManifestEntry>> {
    const found = new Map<string, ManifestEntry>();
    for await (const entry of this.store.entries(id)) found.set(entry.path, entry);
    return found;
  }

  place(id: string, entry: ManifestEntry): Buffer {
    return Buffer.from(this.store.place(id, entry));
  }

  /** All that a snapshot is, to compare before and after: manifest, files, contents, modes, times. */
  stateOf(id: string): string {
    const hash = createHash('sha256');
    hash.update(fs.readFileSync(this.store.layout.manifest(id)));
    const visit = (folder: string): void => {
      for (const name of fs.readdirSync(folder, 'latin1').sort()) {
        const place = Buffer.from(`${folder}/${name}`, 'latin1');
        const found = fs.lstatSync(place);
        hash.update(`${name}\0${found.mode}\0${found.mtimeMs}\0`);
        if (found.isDirectory()) visit(place.toString('latin1'));
        else hash.update(fs.readFileSync(place));
      }
    };
    visit(this.store.layout.snapshot(id));
    return hash.digest('hex');
  }

  states(): Map<string, string> {
    const manifests = this.store.layout.manifests;
    const names = fs.existsSync(manifests) ? fs.readdirSync(manifests) : [];
    const ids = names.filter((name) => name.endsWith('.ndjson')).map((name) => name.slice(0, -7));
    return new Map(ids.map((id) => [id, this.stateOf(id)]));
  }

  /** Keeps the number of snapshots, and so the time of a test, small. */
  forgetOldest(): void {
    const { layout } = this.store;
    for (const id of [...this.states().keys()].sort().slice(0, -2)) {
      fs.rmSync(layout.manifest(id));
      fs.rmSync(layout.inodesOf(id));
      fs.rmSync(layout.parityOf(id));
      fs.rmSync(layout.snapshot(id), { recursive: true });
    }
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.workspace, { recursive: true, force: true });
  }
}
