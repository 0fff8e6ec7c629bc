import { throwIfAborted } from '../base/abort';
import type { Log } from '../base/log';
import type { ManifestEntry } from '../model/manifest';
import { mergeInFolderOrder } from '../model/mergeInFolderOrder';
import type { SnapshotId } from '../model/snapshotId';
import type { DiskAbilities } from './abilities';
import { digestOfFile } from './contentDigest';
import type { Mark } from './damageMarks';
import { diskAbilities, writeBytes } from './description';
import type { InodeRecord } from './disk';
import { FormerSnapshot, type FormerEntry } from './formerSnapshot';
import { InodeWriter } from './inodeFile';
import { placeBelow } from './layout';
import { readHeader, readManifest } from './manifestFile';
import { ParityBuilder } from './parity';
import { publishAt, withdrawUnpublished } from './publishing';
import { attributesOnDisk, intactInode, savesSpace, shareFile } from './sharing';
import type { Store } from './store';

/** What a snapshot that was rebuilt holds. */
export interface Rebuilt {
  readonly files: number;
  readonly bytes: number;
  /** What has not the content that the manifest names: the snapshot is there without it. */
  readonly damage: readonly Mark[];
}

interface Step {
  readonly entry: ManifestEntry;
  readonly former?: FormerEntry;
}

/**
 * A snapshot that comes back from an off-site copy, below `.sauvegarde/recovery/` until it is whole. Its
 * manifest is what was written when it was made, byte for byte; the content is proven by it. What a
 * snapshot that is there has the same of is shared with that one. Only with the store's lock.
 */
export class Rebuilding {
  /** The store, where the unfinished snapshot stands apart. */
  readonly #store: Store;
  readonly #id: SnapshotId;
  readonly #abilities: DiskAbilities;
  readonly #former: FormerSnapshot | undefined;
  /** Whether an earlier attempt left files that may be right already. */
  readonly #continued: boolean;

  private constructor(parts: {
    store: Store;
    id: SnapshotId;
    abilities: DiskAbilities;
    former: FormerSnapshot | undefined;
    continued: boolean;
  }) {
    this.#store = parts.store;
    this.#id = parts.id;
    this.#abilities = parts.abilities;
    this.#former = parts.former;
    this.#continued = parts.continued;
  }

  /**
   * @param manifest a file on the same disk, whose digest has been checked; it is moved
   * @param former a snapshot that is there, to share files with
   */
  static async begin(
    store: Store,
    { id, manifest, former }: { id: SnapshotId; manifest: string; former: SnapshotId | undefined },
    log: Log,
  ): Promise<Rebuilding> {
    const apart = store.apart('recovery');
    const { disk, layout } = apart;
    await withdrawUnpublished(apart, log);
    const left = await readHeader(disk, layout.inPartial('manifest')).then(
      (header) => header.snapshot,
      () => undefined,
    );
    if (left !== id) await disk.remove(layout.partial);
    disk.makeFolder(layout.partialTree);
    await disk.rename(manifest, layout.inPartial('manifest'));
    const header = former === undefined ? undefined : await store.header(former);
    return new Rebuilding({
      ...{ store: apart, id, continued: left === id },
      abilities: await diskAbilities(disk, store.layout),
      former: header && new FormerSnapshot(disk, store.layout, header, store.damage),
    });
  }

  /** Where the content is to be brought. */
  get tree(): string {
    return this.#store.layout.partialTree;
  }

  /** The places below the tree, as byte strings, of the files that must be brought. */
  async *wanted(signal: AbortSignal): AsyncGenerator<string, void, undefined> {
    const { disk } = this.#store;
    for await (const { entry, former } of this.#steps()) {
      throwIfAborted(signal);
      if (entry.sha256 === undefined) continue;
      const place = this.#place(entry);
      // What has other names is shared: nothing may be written into it.
      if (this.#continued && (disk.stat(place)?.links ?? 0) > 1) await disk.remove(place);
      if (await this.#shareable(entry, former)) continue;
      if (this.#continued && (await this.#isRight(entry, signal))) continue;
      yield entry.local ?? entry.path;
    }
  }

  /** What was brought is proven, the rest shared; then the snapshot is there. */
  async finish(signal: AbortSignal): Promise<Rebuilt> {
    const { disk, layout } = this.#store;
    const inodes = await InodeWriter.create(disk, layout.inPartial('inodes'));
    const found = { files: 0, bytes: 0, damage: [] as Mark[] };
    const names = new Set<string>();
    try {
      for await (const step of this.#steps()) {
        throwIfAborted(signal);
        const local = step.entry.local ?? step.entry.path;
        names.add(local.slice(0, local.includes('/') ? local.indexOf('/') : undefined));
        await inodes.append(await this.#settle(step, found, signal));
      }
      await this.#removeOthers(names);
      await this.#setTimesOfFolders();
      await inodes.finish();
    } catch (error) {
      await inodes.abandon().catch(() => undefined);
      throw error;
    }
    await writeBytes(disk, layout.inPartial('parity'), await this.#parity());
    await disk.syncTree(layout.partialTree);
    await disk.syncFile(layout.inPartial('manifest'));
    // Before the snapshot is there, so that it never passes for whole.
    await this.#store.damage.set(this.#id, found.damage);
    await publishAt(disk, layout, this.#id);
    await disk.remove(layout.partial);
    return found;
  }

  async *#steps(): AsyncGenerator<Step, void, undefined> {
    const entries = readManifest(this.#store.disk, this.#store.layout.inPartial('manifest'));
    const former = this.#former?.entries() ?? nothing();
    const pathOf = ({ path }: ManifestEntry): string => path;
    const pathOfFormer = ({ entry }: FormerEntry): string => entry.path;
    for await (const { left, right } of mergeInFolderOrder(entries, former, pathOf, pathOfFormer)) {
      if (left) yield { entry: left, ...(right && { former: right }) };
    }
  }

  async #settle(
    { entry, former }: Step,
    found: { files: number; bytes: number; damage: Mark[] },
    signal: AbortSignal,
  ): Promise<InodeRecord | undefined> {
    const { disk } = this.#store;
    if (entry.type === 'directory') disk.makeFolder(this.#place(entry));
    if (entry.sha256 === undefined) return undefined;
    const inode = (await this.#share(entry, former)) ?? (await this.#prove(entry, signal));
    if (!inode) {
      const isThere = disk.stat(this.#place(entry)) !== undefined;
      found.damage.push({ path: entry.path, kind: isThere ? 'changed' : 'missing' });
      return undefined;
    }
    found.files += 1;
    found.bytes += entry.size ?? 0;
    return inode;
  }

  /** The inode of the same file in a snapshot that is there, where sharing it costs less than another one. */
  async #shareable(
    entry: ManifestEntry,
    former: FormerEntry | undefined,
  ): Promise<InodeRecord | undefined> {
    if (!this.#former || !former || former.entry.sha256 !== entry.sha256) return undefined;
    const place = this.#former.place(former.entry);
    const from = { place, attributes: attributesOnDisk(former.entry) };
    const to = { place: this.#place(entry), attributes: attributesOnDisk(entry) };
    if (!savesSpace(this.#abilities.share, from, to)) return undefined;
    return await intactInode(this.#store.disk, place, former.entry, former.inode);
  }

  async #share(
    entry: ManifestEntry,
    former: FormerEntry | undefined,
  ): Promise<InodeRecord | undefined> {
    const { disk } = this.#store;
    const inode = await this.#shareable(entry, former);
    if (!inode || !former || !this.#former) return undefined;
    const place = this.#place(entry);
    await disk.remove(place);
    this.#makeParent(entry);
    return await shareFile(
      disk,
      this.#abilities.share,
      {
        place: this.#former.place(former.entry),
        attributes: attributesOnDisk(former.entry),
        inode,
      },
      { place, attributes: attributesOnDisk(entry) },
    );
  }

  async #prove(entry: ManifestEntry, signal: AbortSignal): Promise<InodeRecord | undefined> {
    if (!(await this.#isRight(entry, signal))) return undefined;
    const { disk } = this.#store;
    const place = this.#place(entry);
    disk.setAttributes(place, attributesOnDisk(entry));
    return disk.stat(place)?.inode;
  }

  async #isRight(entry: ManifestEntry, signal: AbortSignal): Promise<boolean> {
    const { disk } = this.#store;
    const place = this.#place(entry);
    const found = disk.stat(place);
    if (found?.type !== 'file' || found.size !== entry.size) return false;
    return (await digestOfFile(disk, place, found.size, signal)).sha256 === entry.sha256;
  }

  /** The repository has brought more than the snapshot: what was handed over beside it. */
  async #removeOthers(names: ReadonlySet<string>): Promise<void> {
    const { disk } = this.#store;
    for (const name of await disk.namesIn(this.tree)) {
      if (!names.has(name)) await disk.remove(placeBelow(this.tree, name));
    }
  }

  /** When nothing changes in them any more. */
  async #setTimesOfFolders(): Promise<void> {
    const { disk, layout } = this.#store;
    for await (const entry of readManifest(disk, layout.inPartial('manifest'))) {
      if (entry.type !== 'directory' || entry.mtime === undefined) continue;
      disk.setAttributes(this.#place(entry), { mtime: entry.mtime });
    }
  }

  async #parity(): Promise<Buffer> {
    const { disk, layout } = this.#store;
    const parity = new ParityBuilder();
    for await (const chunk of disk.readFile(layout.inPartial('manifest'))) parity.update(chunk);
    return parity.finish();
  }

  #makeParent(file: ManifestEntry): void {
    const local = file.local ?? file.path;
    const parent = local.slice(0, Math.max(0, local.lastIndexOf('/')));
    this.#store.disk.makeFolder(placeBelow(this.tree, parent));
  }

  #place(entry: ManifestEntry): ReturnType<typeof placeBelow> {
    return placeBelow(this.tree, entry.local ?? entry.path);
  }
}

async function* nothing(): AsyncGenerator<never, void, undefined> {}
