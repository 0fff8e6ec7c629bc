import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { bytesOf, compareInFolderOrder } from '../../src/model/remotePath';

/** A path in the tree as a byte string, like the paths of the product. */
type Bytes = string;

export interface Original {
  readonly type: 'file' | 'directory' | 'symlink' | 'other';
  readonly size?: number;
  readonly sha256?: string;
  readonly target?: Bytes;
  /** Nanoseconds since 1970. */
  readonly mtime: bigint;
  readonly mode: number;
}

const utf8 = (text: string): Bytes => Buffer.from(text, 'utf8').toString('latin1');

/** Names that real trees have and that clients trip over. */
export const names = {
  plain: ['index.html', '.htaccess', '.env', 'UPPER', 'upper', 'no-extension', 'a.tar.gz'],
  spaces: [' leading', 'trailing ', ' both ', 'two  inside'],
  signs: ['a -> b', '*?[x]', '#', '%41', '~', '-dash', '--help', "it's", '"quoted"', 'semi;colon'],
  colon: ['C:', 'a:b'],
  backslash: ['back\\slash', '\\'],
  windows: ['con', 'aux.txt', 'NUL', 'ends.', 'COM1.log'],
  unicode: ['café', 'cafe\u0301', '日本語', 'emoji 🎉', 'ﬁ'].map(utf8),
  listing: ['total 12', 'Nov 23 07:24 x', '-rw-r--r-- 1 root', 'type=file;size=1; x'],
  latin1: ['latin1-\xe9\xe8', '\xff\xfe'],
  long: ['x'.repeat(255), utf8('é'.repeat(127))],
  controls: ['tab\there', 'bell\x07', 'escape\x1b[31m'],
  lineFeed: ['line\nfeed', 'carriage\rreturn'],
} as const satisfies Record<string, readonly Bytes[]>;

export type NameGroup = keyof typeof names;

/** A folder on this machine with everything that a source must get right, owned by the account. */
export class OriginalTree implements Disposable {
  readonly root: string;
  readonly #owner: { readonly uid: number; readonly gid: number };

  constructor(root: string, owner: { readonly uid: number; readonly gid: number }) {
    fs.rmSync(root, { recursive: true, force: true });
    fs.mkdirSync(root, { recursive: true, mode: 0o755 });
    fs.chmodSync(root, 0o755);
    this.root = root;
    this.#owner = owner;
  }

  at(name: Bytes): Buffer {
    return Buffer.concat([Buffer.from(this.root), Buffer.from('/'), bytesOf(name)]);
  }

  /** @param mtime as `utimes` takes it: seconds, as text to allow any sign and fraction */
  file(
    name: Bytes,
    content: string | Buffer = `content of ${name}`,
    mtime = '1700000000',
    mode = 0o644,
  ): void {
    fs.mkdirSync(this.at(path.posix.dirname(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content);
    fs.chmodSync(this.at(name), mode);
    fs.utimesSync(this.at(name), mtime, mtime);
  }

  folder(name: Bytes, mode = 0o755): void {
    fs.mkdirSync(this.at(name), { recursive: true });
    fs.chmodSync(this.at(name), mode);
  }

  link(name: Bytes, target: Bytes): void {
    fs.symlinkSync(bytesOf(target), this.at(name));
  }

  fifo(name: Bytes): void {
    execFileSync('mkfifo', [path.join(this.root, name)]);
  }

  /** Gives all of it to the account that the server runs as. */
  handOver(): void {
    const { uid, gid } = this.#owner;
    execFileSync('chown', ['-R', '-h', `${uid}:${gid}`, this.root]);
  }

  /** What is there now, by path below the root, in folder order. */
  originals(): Map<Bytes, Original> {
    const found: [Bytes, Original][] = [];
    const visit = (folder: Bytes): void => {
      for (const name of fs.readdirSync(this.at(folder), { encoding: 'buffer' })) {
        const below = name.toString('latin1');
        const child = folder === '' ? below : `${folder}/${below}`;
        const original = describe(this.at(child));
        found.push([child, original]);
        if (original.type === 'directory') visit(child);
      }
    };
    visit('');
    return new Map(found.sort(([a], [b]) => compareInFolderOrder(a, b)));
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}

export function describe(place: Buffer): Original {
  const found = fs.lstatSync(place, { bigint: true });
  const common = { mtime: found.mtimeNs, mode: Number(found.mode & 0o7777n) };
  if (found.isDirectory()) return { type: 'directory', ...common };
  if (found.isSymbolicLink()) {
    const target = fs.readlinkSync(place, { encoding: 'buffer' }).toString('latin1');
    return { type: 'symlink', target, ...common };
  }
  if (!found.isFile()) return { type: 'other', ...common };
  const content = fs.readFileSync(place);
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { type: 'file', size: content.length, sha256, ...common };
}

/** Puts in every kind of entry but the unreadable ones. */
export function fillTree(
  tree: OriginalTree,
  groups: readonly NameGroup[],
  now: number,
  withoutEarlyTimes = false,
): void {
  for (const group of groups) {
    for (const name of names[group]) {
      tree.file(`names/${name}`);
      tree.file(`folders/${name}/inside`, 'in a folder with such a name');
    }
  }
  tree.file('sizes/empty', '');
  tree.file('sizes/one', 'x');
  for (const size of [32_767, 32_768, 32_769, 65_536, 65_537, 262_144, 1_000_001]) {
    tree.file(`sizes/${size}`, Buffer.alloc(size, `${size}.`));
  }
  tree.file('sizes/large', Buffer.alloc(20_000_003, 'seven77'));
  tree.folder('empty folder');
  tree.file(
    `${Array.from({ length: 60 }, (_none, depth) => `level${depth}`).join('/')}/bottom`,
    'deep',
  );
  tree.file('modes/executable', 'x', '1700000000', 0o755);
  tree.file('modes/private', 'x', '1700000000', 0o600);
  tree.file('modes/read-only', 'x', '1700000000', 0o444);
  fillTimes(tree, now, withoutEarlyTimes);
  tree.link('links/to-file', '../names/index.html');
  tree.link('links/to-folder', '../folders');
  tree.link('links/dangling', 'nowhere');
  tree.link('links/loop', 'loop');
  tree.link('links/upwards', '..');
  tree.link('links/outside', '/etc');
  tree.link('links/with -> arrow', 'a -> b');
  tree.fifo('links/fifo');
}

const day = 86_400;

function fillTimes(tree: OriginalTree, now: number, withoutEarlyTimes: boolean): void {
  const seconds = Math.floor(now / 1000);
  tree.folder('links');
  const times = {
    'sub-second': '1700000000.123456',
    'before-1970': '-315619200',
    'one second before 1970': '-1',
    epoch: '0',
    'in the future': '2208988800',
    tomorrow: `${seconds + day}`,
    'leap day': '1709208000',
    'six months ago less a day': `${seconds - 182 * day}`,
    'six months ago': `${seconds - 183 * day}`,
    'six months ago and a day': `${seconds - 184 * day}`,
    'an hour ago': `${seconds - 3600}`,
    'new year': '1735689599',
  };
  for (const [name, mtime] of Object.entries(times)) {
    if (!withoutEarlyTimes || !mtime.startsWith('-')) tree.file(`times/${name}`, name, mtime);
  }
}
