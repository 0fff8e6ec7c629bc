/**
 * openrsync as a server, in its words: what OpenBSD's and, up to macOS 14, Apple's `rsync` do at the
 * other end (openrsync server.c, sender.c, flist.c, log.c). It speaks protocol 27, knows neither `-d`
 * nor filter rules, tells what it could not read on standard error alone, ends each phase twice for a
 * newer client, and gives up at a file that it cannot open.
 */
import type { ServerChannel } from 'ssh2';
import { ByteWriter } from '../../src/sources/rsync/byteWriter';
import { framesOf } from '../../src/sources/rsync/frames';
import { Md4 } from '../../src/sources/rsync/md4';

export type OpenrsyncNode =
  | { readonly content: string; readonly denied?: boolean }
  | { readonly target: string }
  | { readonly names: readonly string[]; readonly denied?: boolean };

/** By absolute path. */
export type OpenrsyncTree = Readonly<Record<string, OpenrsyncNode>>;

export interface OpenrsyncAbilities {
  /** Whether it knows `-d`. */
  readonly oneLevel?: boolean;
  /** How its messages begin. */
  readonly prefix?: string;
}

interface Listed {
  readonly name: string;
  readonly path: string;
  readonly node: OpenrsyncNode;
}

const mtime = 1_700_000_000;
const seed = 4711;

export class Openrsync {
  /** The options of each start. */
  readonly started: string[] = [];
  readonly #tree: OpenrsyncTree;
  readonly #abilities: OpenrsyncAbilities;

  constructor(tree: OpenrsyncTree, abilities: OpenrsyncAbilities = {}) {
    this.#tree = tree;
    this.#abilities = abilities;
  }

  /** For `Script.exec`. */
  readonly exec = (command: string, channel: ServerChannel): void => {
    this.started.push(command);
    void this.#serve(command, channel).then((code) => {
      channel.exit(code);
      channel.end();
    });
  };

  async #serve(command: string, channel: ServerChannel): Promise<number> {
    const [, , , letters = '', , , path = ''] = command.split(' ');
    if (letters.replace(/e.*/, '').includes('d') && this.#abilities.oneLevel !== true) {
      channel.stderr.write('rsync: illegal option -- d\nusage: rsync [-aDglnoprtvz] source ...\n');
      return 1;
    }
    const input = new Input(channel);
    const clientVersion = await input.int();
    channel.write(new ByteWriter().int(27).int(seed).done());
    const list = this.#listed(path, channel).sort((left, right) =>
      left.name < right.name ? -1 : 1,
    );
    channel.write(framesOf(listBytes(list)));
    if (list.length === 0) return 0;
    if ((await input.int()) !== 0) return this.#giveUp(channel, 'exclusion list is non-empty');
    return this.#send(list, clientVersion, input, channel);
  }

  async #send(
    list: readonly Listed[],
    clientVersion: number,
    input: Input,
    channel: ServerChannel,
  ): Promise<number> {
    const end = new ByteWriter().int(-1);
    if (clientVersion > 27) end.int(-1);
    for (let phase = 0; phase < 2;) {
      const index = await input.int();
      if (index === -1) {
        channel.write(framesOf(end.done()));
        phase += 1;
        continue;
      }
      const head = await input.bytes(16);
      await input.bytes(head.readInt32LE(0) * (4 + head.readInt32LE(8)));
      const found = list[index];
      if (!found || !('content' in found.node)) return this.#giveUp(channel, 'index out of bounds');
      if (found.node.denied === true) {
        return this.#giveUp(channel, `${found.path}: open: Permission denied`);
      }
      channel.write(framesOf(fileBytes(index, head, Buffer.from(found.node.content))));
    }
    channel.write(framesOf(new ByteWriter().int(100).int(200).int(300).done()));
    await input.int();
    return 0;
  }

  #giveUp(channel: ServerChannel, why: string): number {
    channel.stderr.write(`${this.#abilities.prefix ?? 'sender.c:661'}: error: ${why}\n`);
    return 1;
  }

  /** As `fts` walks; what it cannot read is left out with a warning. */
  #listed(argument: string, channel: ServerChannel): Listed[] {
    const isContent = argument.endsWith('/');
    const root = isContent ? argument.slice(0, -1) : argument;
    const start = isContent ? root.length + 1 : root.lastIndexOf('/') + 1;
    const found: Listed[] = [];
    const warn = (text: string): void => {
      channel.stderr.write(`${this.#abilities.prefix ?? 'flist.c:320'}: warning: ${text}\n`);
    };
    const walk = (path: string): void => {
      const node = this.#tree[path];
      if (!node) {
        warn(`${path}: could not stat: No such file or directory`);
        return;
      }
      found.push({ name: path.slice(start) || '.', path, node });
      if (!('names' in node)) return;
      if (node.denied === true) warn(`${path}: unreadable directory: Permission denied`);
      else for (const name of node.names) walk(`${path}/${name}`);
    };
    walk(root);
    return found;
  }
}

function listBytes(list: readonly Listed[]): Buffer {
  const writer = new ByteWriter();
  for (const { name, node } of list) {
    const bytes = Buffer.from(name);
    const size = 'content' in node ? node.content.length : 4096;
    const mode = 'content' in node ? 0o100644 : 'target' in node ? 0o120777 : 0o40755;
    writer
      .byte(name === '.' ? 0x41 : 0x40)
      .int(bytes.length)
      .bytes(bytes)
      .int(size);
    writer.int(mtime).int(mode);
    if ('target' in node) writer.int(node.target.length).bytes(Buffer.from(node.target));
  }
  return writer.byte(0).int(0).done();
}

function fileBytes(index: number, head: Buffer, content: Buffer): Buffer {
  const writer = new ByteWriter().int(index).bytes(head);
  if (content.length > 0) writer.int(content.length).bytes(content);
  const seedBytes = new ByteWriter().int(seed).done();
  return writer.int(0).bytes(new Md4().update(seedBytes).update(content).digest()).done();
}

/** What the client sends, to be waited for. */
class Input {
  #bytes = Buffer.alloc(0);
  #wake: () => void = () => undefined;

  constructor(channel: ServerChannel) {
    channel.on('data', (chunk: Buffer) => {
      this.#bytes = Buffer.concat([this.#bytes, chunk]);
      this.#wake();
    });
  }

  async bytes(count: number): Promise<Buffer> {
    while (this.#bytes.length < count) await new Promise<void>((resolve) => (this.#wake = resolve));
    const taken = this.#bytes.subarray(0, count);
    this.#bytes = this.#bytes.subarray(count);
    return taken;
  }

  async int(): Promise<number> {
    return (await this.bytes(4)).readInt32LE(0);
  }
}
