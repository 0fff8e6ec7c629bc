import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { silentLog } from '../../src/base/log';
import { backUp } from '../../src/jobs/backUp';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RawServer } from '../../src/model/configuration/schema';
import type { ManifestEntry } from '../../src/model/manifest';
import { compareInFolderOrder } from '../../src/model/remotePath';
import type { RunReport } from '../../src/report/runReport';
import { WalkedSource } from '../../src/sources/walkedSource';
import type { Disk } from '../../src/store/disk';
import { isManifestWhole } from '../../src/store/manifestFile';
import { Store } from '../../src/store/store';
import { MemoryServer } from '../sources/memoryServer';
import { TestClock } from '../sources/testClock';
import { watchedDisk } from './watchedDisk';

/** Memory where there is some: the tests are about order, not about durability. */
const base = fs.existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

export const quickDisk: Disk = watchedDisk(() => undefined);

/** A store on this machine's disk and a server in memory. */
export class StoreFixture implements Disposable {
  readonly workspace: string;
  readonly server: MemoryServer;
  readonly clock = new TestClock();
  /** States that were found whole: they need not be read again. */
  readonly #whole = new Set<string>();

  constructor(server = new MemoryServer(), workspace?: string) {
    this.workspace = workspace ?? fs.mkdtempSync(path.join(base, 'sauvegarde-store-'));
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

  /** What must hold at any instant: the old snapshots are as they were, and only whole ones are shown. */
  async expectSound(before: ReadonlyMap<string, string>): Promise<void> {
    const after = this.states();
    for (const [id, state] of before) expect(after.get(id), `${id} as it was`).toBe(state);
    for (const { id, status } of await this.store.snapshots()) {
      expect(status, id).not.toBe('damaged');
      const state = after.get(id) ?? '';
      if (this.#whole.has(state)) continue;
      await this.expectWhole(id);
      this.#whole.add(state);
    }
  }

  async expectWhole(id: string): Promise<void> {
    const { store } = this;
    expect(await isManifestWhole(store.disk, store.layout.manifest(id)), id).toBe(true);
    for (const [name, entry] of await this.entries(id)) {
      if (entry.sha256 === undefined) continue;
      const content = fs.readFileSync(this.place(id, entry));
      expect(createHash('sha256').update(content).digest('hex'), `${id} ${name}`).toBe(
        entry.sha256,
      );
    }
  }

  /** The snapshot is what the server has; what was carried is not looked at. */
  async expectRight(id: string): Promise<void> {
    await this.expectWhole(id);
    const entries = await this.entries(id);
    const known = [...entries.values()].filter((entry) => entry.carried === undefined);
    const carried = new Set([...entries.keys()].filter((name) => entries.get(name)?.carried));
    const wanted = this.server.paths
      .filter((name) => (name === 'data' || name.startsWith('data/')) && !carried.has(name))
      .sort(compareInFolderOrder);
    expect(known.map((entry) => entry.path)).toEqual(wanted);
    for (const entry of known) {
      const node = this.server.node(entry.path)!;
      expect(entry.type, entry.path).toBe(node.type);
      if (entry.type !== 'file') continue;
      expect(fs.readFileSync(this.place(id, entry)).equals(node.content), entry.path).toBe(true);
      const found = fs.statSync(this.place(id, entry));
      expect(found.mode & 0o7777, entry.path).toBe((node.mode & 0o555) | 0o400);
      expect(found.mtimeMs, entry.path).toBe(node.mtime * 1000);
    }
  }

  /** After a run that succeeded nothing of it, or of the ones before, lies about. */
  expectTidy(): void {
    const { layout } = this.store;
    const own = path.dirname(layout.partial);
    expect(fs.readdirSync(own).sort()).toEqual([
      'inodes',
      'runs',
      'snapshots',
      'store.json',
      'trash',
    ]);
    const ids = fs.readdirSync(layout.manifests).map((name) => name.replace(/\.ndjson$/, ''));
    expect(fs.readdirSync(layout.inodes).sort()).toEqual(ids.sort());
    const dated = fs.readdirSync(layout.root).filter((name) => name !== '.sauvegarde');
    expect(dated.sort()).toEqual(ids.sort());
    expect(fs.readdirSync(layout.trash)).toEqual([]);
    expect(fs.readFileSync(path.join(this.workspace, 'backups', '.gitignore'), 'utf8')).toBe('*\n');
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.workspace, { recursive: true, force: true });
  }
}
