import fs from 'node:fs';

/** Files and folders by a number of their own, as names come and go. */
export type NodeNumber = number;

/** The root of what is recorded. It is always there. */
export const rootNode: NodeNumber = 0;

/** What numbers stand for, where it is not files. */
export interface Nodes {
  readonly folders: ReadonlySet<NodeNumber>;
  /** With their targets, which are there as soon as their names are. */
  readonly links: ReadonlyMap<NodeNumber, string>;
}

/** One name of a folder: what it leads to from now on; undefined: nothing. */
export interface NameChange {
  readonly folder: NodeNumber;
  readonly name: string;
  readonly node: NodeNumber | undefined;
  /** What the name led to before. */
  readonly former: NodeNumber | undefined;
}

/** What an operation did to the disk, in the order in which it was done. */
export type Effect =
  | { readonly kind: 'names'; readonly changes: readonly NameChange[] }
  | {
      readonly kind: 'content';
      readonly node: NodeNumber;
      readonly position: number;
      readonly bytes: Buffer;
    }
  | { readonly kind: 'size'; readonly node: NodeNumber; readonly size: number }
  | {
      readonly kind: 'attributes';
      readonly node: NodeNumber;
      readonly mode?: number;
      readonly mtime?: number;
    }
  | { readonly kind: 'sync'; readonly nodes: ReadonlySet<NodeNumber> };

/**
 * What has reached the disk of that which was not synced. `nothing`: the earliest state that may be found.
 * `names`: files without their content, of no bytes or of zeros. `contents`: content without its names.
 * `some`: anything.
 */
export type Kept = 'nothing' | 'names' | 'contents' | 'some';

/**
 * What a disk may hold after a power cut. Of the disk this is relied on, as ext4, XFS, btrfs and APFS keep it,
 * and of nothing more:
 *
 * - fsync of a file: its bytes, length, times and rights up to then are there. Nothing is said of its name.
 * - fsync of a folder: the names that were made in it, renamed and removed up to then are so.
 * - A rename, over an existing file as well, happened as a whole or not at all; who sees it sees the earlier
 *   renames of the same node too.
 * - Writing changes nothing but the bytes that are written.
 *
 * What was not synced may be there or not, in any order: a name without its content, a later file without an
 * earlier one, half of the writes of a file. `syncTree` counts as an fsync of everything below the folder, and
 * not as one of the whole disk, which it is on Linux.
 *
 * The replayed files have other inodes than the recorded ones: what the store remembers of inodes is of no use
 * then, so files are read before they are shared.
 */
export class DurableState {
  readonly #nodes: Nodes;
  readonly #folders = new Map<NodeNumber, Map<string, NodeNumber>>([[rootNode, new Map()]]);
  readonly #files = new Map<NodeNumber, Buffer>();
  readonly #attributes = new Map<NodeNumber, { mode?: number; mtime?: number }>();

  private constructor(nodes: Nodes) {
    this.#nodes = nodes;
  }

  /**
   * @param nodes what the numbers stand for
   * @param random gives whether something that was not synced is kept
   */
  static after(
    before: readonly Effect[],
    effects: readonly Effect[],
    kept: Kept,
    random: () => boolean,
    nodes: Nodes,
  ): DurableState {
    const state = new DurableState(nodes);
    for (const effect of before) state.#apply(effect);
    const isKept = keptOf(effects, kept, random);
    effects.forEach((effect, index) => {
      if (isKept[index]) state.#apply(effect);
    });
    return state;
  }

  /** Puts it onto a real disk, into a folder that is empty. */
  writeTo(place: string): void {
    const written = new Map<NodeNumber, Buffer>();
    const visit = (node: NodeNumber, at: Buffer): void => {
      for (const [name, child] of this.#folders.get(node) ?? []) {
        const below = Buffer.concat([at, Buffer.from(`/${name}`, 'latin1')]);
        if (this.#folders.has(child)) {
          fs.mkdirSync(below);
          visit(child, below);
          this.#setAttributes(child, below);
        } else if (this.#nodes.links.has(child)) {
          fs.symlinkSync(this.#nodes.links.get(child)!, below);
        } else if (written.has(child)) fs.linkSync(written.get(child)!, below);
        else {
          fs.writeFileSync(below, this.#files.get(child) ?? Buffer.alloc(0));
          this.#setAttributes(child, below);
          written.set(child, below);
        }
      }
    };
    visit(rootNode, Buffer.from(place));
  }

  #apply(effect: Effect): void {
    if (effect.kind === 'names') for (const change of effect.changes) this.#applyName(change);
    else if (effect.kind === 'content') this.#write(effect.node, effect.position, effect.bytes);
    else if (effect.kind === 'size') this.#resize(effect.node, effect.size);
    else if (effect.kind === 'attributes') {
      const { node, mode, mtime } = effect;
      const news = { ...(mode !== undefined && { mode }), ...(mtime !== undefined && { mtime }) };
      this.#attributes.set(node, { ...this.#attributes.get(node), ...news });
    }
  }

  #applyName({ folder, name, node }: NameChange): void {
    const names = this.#folders.get(folder) ?? new Map<string, NodeNumber>();
    this.#folders.set(folder, names);
    if (node === undefined) names.delete(name);
    else names.set(name, node);
    if (node === undefined || !this.#nodes.folders.has(node)) return;
    this.#folders.set(node, this.#folders.get(node) ?? new Map<string, NodeNumber>());
  }

  #write(node: NodeNumber, position: number, bytes: Buffer): void {
    const length = this.#files.get(node)?.length ?? 0;
    this.#resize(node, Math.max(length, position + bytes.length));
    bytes.copy(this.#files.get(node)!, position);
  }

  #resize(node: NodeNumber, size: number): void {
    const content = Buffer.alloc(size);
    this.#files.get(node)?.copy(content);
    this.#files.set(node, content);
  }

  #setAttributes(node: NodeNumber, place: Buffer): void {
    const { mode, mtime } = this.#attributes.get(node) ?? {};
    if (mode !== undefined) fs.chmodSync(place, mode);
    if (mtime !== undefined) fs.utimesSync(place, mtime, mtime);
  }
}

/** Which effects are on the disk: all that were synced, and of the others what is kept. */
function keptOf(effects: readonly Effect[], kept: Kept, random: () => boolean): boolean[] {
  const synced = new Set<NodeNumber>();
  /** What is renamed or removed by something that is kept. */
  const moved = new Set<NodeNumber>();
  const isMade = ({ folder, node }: NameChange): boolean =>
    synced.has(folder) || (node !== undefined && moved.has(node));
  const found: boolean[] = [];
  for (let index = effects.length - 1; index >= 0; index -= 1) {
    const effect = effects[index]!;
    const isLucky = kept === 'some' && random();
    if (effect.kind === 'sync') for (const node of effect.nodes) synced.add(node);
    else if (effect.kind === 'names') {
      found[index] = isLucky || kept === 'names' || effect.changes.some(isMade);
      if (found[index]) for (const former of formersOf(effect.changes)) moved.add(former);
    } else found[index] = isLucky || kept === 'contents' || synced.has(effect.node);
  }
  return found;
}

function formersOf(changes: readonly NameChange[]): NodeNumber[] {
  return changes.map(({ former }) => former).filter((former) => former !== undefined);
}
