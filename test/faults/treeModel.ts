import { expect } from 'vitest';
import type { ManifestEntry } from '../../src/model/manifest';
import type { ServedSite } from './servedSite';
import type { KnownSnapshot, StoreModel } from './storeModel';
import { isWithin, type TreeNode, type TreeState } from './tree';

export interface Restoring {
  readonly snapshot: KnownSnapshot;
  /** Below the root of the tree; empty: everything. */
  readonly paths: readonly string[];
  readonly deletes: boolean;
  readonly before: TreeState;
}

/** What may be on a server after a restore that was, or was not, interrupted. */
export class TreeModel {
  readonly #site: ServedSite;

  readonly #model: StoreModel;

  constructor(site: ServedSite, model: StoreModel) {
    this.#site = site;
    this.#model = model;
  }

  /** Whatever happened: each file is as it was or as it is to be, and what is gone was saved. */
  checkAnyhow({ snapshot, before }: Restoring, saved: readonly KnownSnapshot[]): void {
    const after = this.#site.tree.read();
    const wanted = this.#wantedOf(snapshot);
    for (const [name, node] of after) {
      if (node.type !== 'file') continue;
      const was = before.get(name);
      const allowed = [was?.type === 'file' ? was.content : undefined, wanted.get(name)?.sha256];
      expect(allowed, `the content of ${name} on the server`).toContain(node.content);
    }
    const safe = saved.filter(({ pin }) => pin === 'before-restore');
    for (const [name, node] of before) {
      if (node.type !== 'file') continue;
      const now = after.get(name);
      if (now?.type === 'file' && now.content === node.content) continue;
      const place = this.#site.tree.inManifest(name);
      const contents = this.#model.contentsOf(place, node);
      const found = safe.some(({ entries }) =>
        contents.includes(entries.get(place)?.sha256 ?? 'none'),
      );
      expect(found, `whether ${name} was saved before it was overwritten or deleted`).toBe(true);
    }
  }

  /** A restore that says that it is complete. */
  checkComplete({ snapshot, paths, deletes, before }: Restoring): void {
    const after = this.#site.tree.read();
    const wanted = this.#wantedOf(snapshot);
    const isChosen = (name: string): boolean =>
      paths.length === 0 || paths.some((chosen) => isWithin(name, chosen));
    for (const [name, entry] of wanted) {
      if (isChosen(name) && !entry.skipped)
        expectRestored(name, entry, before.get(name), after.get(name));
    }
    const needed = [...wanted].filter(([name]) => isChosen(name));
    for (const [name, node] of before) {
      const isReplaced = needed.some(
        ([path, { type }]) => name === path || (isWithin(name, path) && type !== 'directory'),
      );
      if (isReplaced) continue;
      if (deletes && isChosen(name)) {
        if (snapshot.totals.status === 'complete') expect(after.has(name), name).toBe(false);
      } else if (node.type === 'file' && !needed.some(([path]) => isWithin(path, name))) {
        expect(after.get(name), `${name}, with which the restore had nothing to do`).toEqual(node);
      }
    }
  }

  /** Entries by their path below the root of the tree. */
  #wantedOf({ entries }: KnownSnapshot): Map<string, ManifestEntry> {
    const root = this.#site.tree.inManifest('');
    const found = new Map<string, ManifestEntry>();
    for (const [name, entry] of entries) {
      if (name === root) found.set('', entry);
      else if (name.startsWith(`${root}/`)) found.set(name.slice(root.length + 1), entry);
    }
    return found;
  }
}

function expectRestored(
  name: string,
  entry: ManifestEntry,
  before: TreeNode | undefined,
  after: TreeNode | undefined,
): void {
  expect(after?.type, name).toBe(entry.type);
  if (entry.type === 'symlink') expect(after?.content, name).toBe(entry.target);
  if (entry.type !== 'file') return;
  const { sha256, size, mtime, mode } = entry;
  // A file that was edited without a new time passes for the same.
  const isTakenForSame = before?.type === 'file' && before.size === size && before.mtime === mtime;
  const content = isTakenForSame ? before.content : sha256;
  expect([content, sha256], name).toContain(after?.content);
  expect({ ...after, content }, name).toEqual({ type: 'file', content, size, mtime, mode });
}
