import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { compareInFolderOrder } from '../../src/model/remotePath';
import { isManifestWhole } from '../../src/store/manifestFile';
import { StoreFixture } from './storeFixture';

/** A store with the checks that must hold whatever happened to it. */
export class CheckedStore extends StoreFixture {
  /** States that were found whole: they need not be read again. */
  readonly #whole = new Set<string>();

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
    const found = fs.readdirSync(own).filter((name) => name !== 'guard.json');
    expect(found.sort()).toEqual(['inodes', 'parity', 'runs', 'snapshots', 'store.json', 'trash']);
    const ids = fs.readdirSync(layout.manifests).map((name) => name.replace(/\.ndjson$/, ''));
    expect(fs.readdirSync(layout.inodes).sort()).toEqual(ids.sort());
    expect(fs.readdirSync(layout.parity).sort()).toEqual(ids.sort());
    const dated = fs.readdirSync(layout.root).filter((name) => name !== '.sauvegarde');
    expect(dated.sort()).toEqual(ids.sort());
    expect(fs.readdirSync(layout.trash)).toEqual([]);
    expect(fs.readFileSync(path.join(this.workspace, 'backups', '.gitignore'), 'utf8')).toBe('*\n');
  }
}
