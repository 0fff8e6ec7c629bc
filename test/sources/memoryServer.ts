import { BackupError } from '../../src/base/errors';
import { throwIfAborted } from '../../src/base/abort';
import type { Entry } from '../../src/model/entry';
import { childPath, parentOf, type RemotePath } from '../../src/model/remotePath';
import type { FileServer, ReadOutcome } from '../../src/sources/fileServer';

export interface Node {
  readonly type: Entry['type'];
  readonly content: Buffer;
  readonly mtime: number;
  readonly granularity: number;
  readonly mode: number;
  readonly target?: string;
  /** What the server says of its size. Default: the truth. `unknown`: nothing. */
  readonly listed?: number | 'unknown';
}

export type Call = 'list' | 'stat' | 'read';

const longAgo = 1_700_000_000;

/** A server in memory whose calls are counted, and which a test can slow down or let fail. */
export class MemoryServer implements FileServer {
  listingWidth = 4;
  readingWidth = 4;
  receivedBytes = 0;
  chunkBytes = 64 * 1024;
  /** Called before each call is answered: may wait, and may throw. */
  script: (call: Call, path: string, count: number, signal: AbortSignal) => Promise<void> | void =
    () => undefined;
  /** Called with each chunk of a file before it is delivered. */
  onChunk: (path: string, position: number) => Promise<void> | void = () => undefined;
  /** Where a transfer that begins before it ends, as if the file did. */
  endsAt: (path: string) => number = () => Infinity;
  /** Whether a folder is listed as if it were empty. */
  hides: (folder: string) => boolean = () => false;
  readonly #nodes = new Map<string, Node>([['', folderNode()]]);
  readonly #counts = new Map<string, number>();
  readonly #underWay = { list: 0, stat: 0, read: 0 };
  readonly most = { list: 0, stat: 0, read: 0, listOrStat: 0 };
  disposed = false;

  file(
    path: string,
    content: string | Buffer = `content of ${path}`,
    more: Partial<Node> = {},
  ): void {
    this.#put(path, { ...fileNode(Buffer.from(content)), ...more });
  }

  folder(path: string): void {
    this.#put(path, folderNode());
  }

  link(path: string, target: string): void {
    this.#put(path, { ...fileNode(Buffer.alloc(0)), type: 'symlink', target });
  }

  remove(path: string): void {
    for (const known of [...this.#nodes.keys()]) {
      if (known === path || known.startsWith(`${path}/`)) this.#nodes.delete(known);
    }
  }

  node(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  get paths(): string[] {
    return [...this.#nodes.keys()].filter((path) => path !== '');
  }

  count(call: Call, path: string): number {
    return this.#counts.get(`${call} ${path}`) ?? 0;
  }

  total(call: Call): number {
    let sum = 0;
    for (const [key, count] of this.#counts) if (key.startsWith(`${call} `)) sum += count;
    return sum;
  }

  forget(): void {
    this.#counts.clear();
  }

  list(...[folder, signal]: Parameters<FileServer['list']>): Promise<Entry[]> {
    return this.#called('list', folder, signal, () => {
      if (this.#existing(folder).type !== 'directory') {
        throw new BackupError('not-found', `${folder} is not a folder.`);
      }
      if (this.hides(folder)) return Promise.resolve([]);
      const children = this.paths.filter(
        (path) => path !== '' && parentOf(path as RemotePath) === folder,
      );
      const entries = children.map((path) =>
        this.#entry(childPath(folder, path.slice(path.lastIndexOf('/') + 1))),
      );
      return Promise.resolve(entries.reverse());
    });
  }

  stat(path: RemotePath, signal: AbortSignal): Promise<Entry> {
    return this.#called('stat', path, signal, () => Promise.resolve(this.#entry(path)));
  }

  read(
    entry: Entry,
    offset: number,
    write: (chunk: Buffer) => Promise<void> | undefined,
    signal: AbortSignal,
  ): Promise<ReadOutcome> {
    return this.#called('read', entry.path, signal, async () => {
      const { content } = this.#existing(entry.path);
      const end = this.endsAt(entry.path);
      const isCut = end > offset && end < content.length;
      const wanted = content.subarray(0, isCut ? end : entry.size);
      for (let position = offset; position < wanted.length; position += this.chunkBytes) {
        await this.onChunk(entry.path, position);
        throwIfAborted(signal);
        const chunk = Buffer.from(wanted.subarray(position, position + this.chunkBytes));
        this.receivedBytes += chunk.length;
        await write(chunk);
      }
      if (isCut) return { grown: false, short: true };
      const now = this.#existing(entry.path);
      const { size = now.content.length } = entry;
      if (now.content.length > size) return { grown: true };
      if (now.content.length < size) return { grown: false, short: true };
      if (now.mtime !== entry.mtime) throw new BackupError('changed', 'The file was changed.');
      return { grown: false };
    });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.disposed = true;
    return Promise.resolve();
  }

  async #called<T>(
    call: Call,
    path: string,
    signal: AbortSignal,
    answer: () => Promise<T>,
  ): Promise<T> {
    const key = `${call} ${path}`;
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    this.#underWay[call] += 1;
    this.most[call] = Math.max(this.most[call], this.#underWay[call]);
    const both = this.#underWay.list + this.#underWay.stat;
    this.most.listOrStat = Math.max(this.most.listOrStat, both);
    try {
      throwIfAborted(signal);
      await this.script(call, path, count, signal);
      throwIfAborted(signal);
      return await answer();
    } finally {
      this.#underWay[call] -= 1;
    }
  }

  #put(path: string, node: Node): void {
    const above = parentOf(path as RemotePath);
    if (this.#nodes.get(above)?.type !== 'directory') this.folder(above);
    this.remove(path);
    this.#nodes.set(path, node);
  }

  #existing(path: string): Node {
    const node = this.#nodes.get(path);
    if (!node) throw new BackupError('not-found', `${path} does not exist.`);
    return node;
  }

  #entry(path: RemotePath): Entry {
    const node = this.#existing(path);
    const { type, content, mtime, granularity, mode, target, listed = content.length } = node;
    const known = { path, type, mtime, granularity, mode };
    const sized = listed === 'unknown' ? known : { ...known, size: listed };
    return target === undefined ? sized : { ...sized, target };
  }
}

function fileNode(content: Buffer): Node {
  return { type: 'file', content, mtime: longAgo, granularity: 1, mode: 0o644 };
}

function folderNode(): Node {
  return {
    type: 'directory',
    content: Buffer.alloc(0),
    mtime: longAgo,
    granularity: 1,
    mode: 0o755,
  };
}
