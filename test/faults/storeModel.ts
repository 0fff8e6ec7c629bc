import fs from 'node:fs';
import { expect } from 'vitest';
import type { Verified } from '../../src/jobs/verify/verified';
import type { ManifestEntry, ManifestTotals } from '../../src/model/manifest';
import { compareInFolderOrder } from '../../src/model/remotePath';
import type { Pin } from '../../src/store/pins';
import type { ServedSite } from './servedSite';
import { digestAt, type TreeNode, type TreeState } from './tree';

/** What stands for the manifest itself among the damaged places of a snapshot. */
const manifestPlace = '(manifest)';

/** A snapshot as it was when it was found right for the first time. */
export interface KnownSnapshot {
  readonly id: string;
  readonly manifest: Buffer;
  readonly totals: ManifestTotals;
  readonly entries: ReadonlyMap<string, ManifestEntry>;
  pin: Pin | undefined;
  /** The paths that may be damaged, as something was done to them; of the manifest `manifestPlace`. */
  hurt: ReadonlySet<string>;
}

interface Version {
  readonly size: number;
  readonly mtime: number;
  readonly sha256: string;
}

/** What must be in the store, and what of it may be damaged. */
export class StoreModel {
  readonly #site: ServedSite;
  readonly #known = new Map<string, KnownSnapshot>();
  /** All versions of a path that anybody may have read: content by size and time. */
  readonly #versions = new Map<string, readonly Version[]>();

  /** @param known snapshots that are there already */
  constructor(site: ServedSite, known: readonly KnownSnapshot[] = []) {
    this.#site = site;
    for (const snapshot of known) {
      this.#known.set(snapshot.id, { ...snapshot });
      for (const [name, { size = 0, mtime = 0, sha256 }] of snapshot.entries) {
        if (sha256 !== undefined) this.#noteVersion(name, { size, mtime, sha256 });
      }
    }
  }

  /** Newest first. */
  get snapshots(): KnownSnapshot[] {
    return [...this.#known.values()].sort((one, other) => (one.id < other.id ? 1 : -1));
  }

  get backups(): KnownSnapshot[] {
    return this.snapshots.filter(({ pin }) => pin !== 'before-restore');
  }

  /** What an interrupted run has read of the tree, a later one may continue with. */
  noteVersions(tree: TreeState): void {
    for (const [name, { type, size, mtime, content }] of tree) {
      if (type !== 'file') continue;
      this.#noteVersion(this.#site.tree.inManifest(name), { size, mtime, sha256: content });
    }
  }

  #noteVersion(name: string, version: Version): void {
    const known = this.#versions.get(name) ?? [];
    if (known.some(({ sha256 }) => sha256 === version.sha256)) return;
    this.#versions.set(name, [...known, version]);
  }

  /** Snapshots that have appeared are taken for known once they are right. */
  async learn(before: TreeState): Promise<KnownSnapshot[]> {
    const { store } = this.#site;
    const learnt: KnownSnapshot[] = [];
    for (const id of await store.ids()) {
      if (this.#known.has(id)) continue;
      const entries = new Map<string, ManifestEntry>();
      for await (const entry of store.entries(id)) entries.set(entry.path, entry);
      const { totals } = await store.summary(id);
      expect(totals, `the totals of ${id}`).toBeDefined();
      const manifest = fs.readFileSync(store.layout.manifest(id));
      const pin = store.pins.of(id);
      const known = { id, manifest, totals: totals!, entries, pin, hurt: new Set<string>() };
      expect([...this.damageOf(known)], `${id} when it appears`).toEqual([]);
      if (pin === 'before-restore') this.#expectSaved(known, before);
      else this.#expectRight(known, before);
      this.#known.set(id, known);
      learnt.push(known);
    }
    return learnt;
  }

  forget(id: string): void {
    this.#known.delete(id);
  }

  /** @returns those that are not in the store any more */
  forgetMissing(): KnownSnapshot[] {
    const { layout } = this.#site.store;
    const gone = this.snapshots.filter(({ id }) => !fs.existsSync(layout.manifest(id)));
    for (const { id } of gone) this.forget(id);
    return gone;
  }

  /** Of all snapshots: what was damaged on purpose is. */
  noteDamage(): void {
    for (const known of this.#known.values()) known.hurt = this.damageOf(known);
  }

  /** Nothing but what was damaged on purpose is, and nobody has taken a snapshot away. */
  async check(): Promise<void> {
    const { store } = this.#site;
    expect(await store.ids()).toEqual(this.snapshots.map(({ id }) => id));
    for (const known of this.snapshots) {
      const damage = this.damageOf(known);
      const news = [...damage].filter((place) => !known.hurt.has(place));
      expect(news, `damage of ${known.id} that nobody did`).toEqual([]);
      known.hurt = damage;
      expect(store.pins.of(known.id), `the pin of ${known.id}`).toBe(known.pin);
    }
    for (const { id, status } of await store.snapshots()) {
      if (status !== 'damaged') continue;
      expect(this.#known.get(id)?.hurt.size, `${id}, said to be damaged`).toBeGreaterThan(0);
    }
  }

  /** What is not as it was, by reading all of it. */
  damageOf({ id, manifest, entries }: KnownSnapshot): Set<string> {
    const { store } = this.#site;
    const found = new Set<string>();
    const place = store.layout.manifest(id);
    if (!fs.existsSync(place) || !fs.readFileSync(place).equals(manifest)) found.add(manifestPlace);
    for (const [name, entry] of entries) {
      const at = store.place(id, entry);
      const isThere =
        entry.type === 'directory'
          ? fs.lstatSync(at, { throwIfNoEntry: false })?.isDirectory() === true
          : entry.sha256 === undefined || digestAt(at) === entry.sha256;
      if (!isThere) found.add(name);
    }
    return found;
  }

  /** Contents that are somewhere intact, so that they can be put back where they are lost. */
  intactContents(tree: TreeState): Set<string> {
    const found = new Set<string>();
    for (const known of this.snapshots) {
      for (const [name, { sha256 }] of known.entries) {
        if (sha256 !== undefined && !known.hurt.has(name)) found.add(sha256);
      }
    }
    for (const { type, content } of tree.values()) if (type === 'file') found.add(content);
    return found;
  }

  /** What must not be damaged any more once everything was mended that can be. */
  mendable(tree: TreeState): Map<string, string[]> {
    const versions = new Map<string, TreeNode>();
    for (const [name, node] of tree) versions.set(this.#site.tree.inManifest(name), node);
    const elsewhere = this.intactContents(new Map());
    const canBe = (known: KnownSnapshot, place: string): boolean => {
      const entry = known.entries.get(place);
      if (place === manifestPlace || entry?.sha256 === undefined) return true;
      const now = versions.get(place);
      const isOnServer =
        now?.content === entry.sha256 && now.size === entry.size && now.mtime === entry.mtime;
      return elsewhere.has(entry.sha256) || isOnServer;
    };
    return new Map(
      this.snapshots.map((known) => [
        known.id,
        [...known.hurt].filter((place) => canBe(known, place)),
      ]),
    );
  }

  /** All is mended that can be, and of the rest the verification says that it is damaged. */
  expectMended(
    mendable: ReadonlyMap<string, readonly string[]>,
    verified: readonly Verified[],
  ): void {
    for (const known of this.snapshots) {
      const damage = this.damageOf(known);
      const left = (mendable.get(known.id) ?? []).filter((place) => damage.has(place));
      expect(left.join(', '), `what a repair should have mended in ${known.id}`).toBe('');
      const told = verified.find(({ snapshot }) => snapshot === known.id)?.status;
      expect(told, `what a repair says of ${known.id}`).toBe(damage.size > 0 ? 'damaged' : 'whole');
    }
  }

  /** A backup is the tree, as far as it was not skipped. */
  #expectRight({ id, totals, entries }: KnownSnapshot, tree: TreeState): void {
    const wanted = new Map<string, TreeNode>();
    for (const [name, node] of tree) wanted.set(this.#site.tree.inManifest(name), node);
    if (totals.status === 'complete') {
      const names = [...wanted.keys()].sort(compareInFolderOrder);
      expect([...entries.keys()], `the entries of ${id}`).toEqual(names);
    }
    for (const [name, entry] of entries) {
      if (entry.skipped || entry.carried !== undefined) {
        expect(totals.status, `${id}, with ${name} skipped`).toBe('incomplete');
        continue;
      }
      const node = wanted.get(name)!;
      expect(entry.type, `${id} ${name}`).toBe(node.type);
      if (node.type === 'symlink') expect(entry.target, `${id} ${name}`).toBe(node.content);
      if (node.type !== 'file') continue;
      const { mtime, mode, size, sha256 } = entry;
      const { content, ...about } = node;
      expect({ type: 'file', mtime, mode, size }, `${id} ${name}`).toEqual(about);
      expect(this.contentsOf(name, node), `the content of ${name} in ${id}`).toContain(sha256);
    }
  }

  /** What an unnoticed edit left with its size and time may be taken for what it was before. */
  contentsOf(name: string, { size, mtime, content }: TreeNode): string[] {
    const before = (this.#versions.get(name) ?? []).filter(
      (version) => version.size === size && version.mtime === mtime,
    );
    return [content, ...before.map(({ sha256 }) => sha256)];
  }

  /** A safety snapshot holds what stood there before the restore, and nothing else. */
  #expectSaved({ id, entries }: KnownSnapshot, tree: TreeState): void {
    const there = new Map<string, TreeNode>();
    for (const [name, node] of tree) there.set(this.#site.tree.inManifest(name), node);
    for (const [name, entry] of entries) {
      if (entry.sha256 === undefined) continue;
      expect(this.contentsOf(name, there.get(name)!), `${id} ${name}`).toContain(entry.sha256);
    }
  }
}

/** Whether the manifest of a snapshot itself is among what is damaged. */
export function isManifestHurt({ hurt }: KnownSnapshot): boolean {
  return hurt.has(manifestPlace);
}
