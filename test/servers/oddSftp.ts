/**
 * An SFTP server that is right, but odd: a small tree, served as servers do of which other clients'
 * bug reports tell. `Oddities` names what they do; a new report becomes a new field, or a new row in
 * `test/sftp/oddServers.test.ts`.
 */
import type { Reply, Script, ScriptedName, ScriptedRequest } from './scriptedSftp';

/** What is at a path: content of a file, names in a folder, target of a link. */
export type Node = Buffer | Folder | { readonly target: string };
interface Folder {
  readonly names: readonly string[];
}
export type Tree = Readonly<Record<string, Node>>;

/** Which attributes are told. `followed`: those of what a link leads to. */
type Telling =
  'all' | 'no type' | 'no permissions' | 'no permissions nor size' | 'nothing' | 'followed';

export interface Oddities {
  /** In listings. Default: `all`. */
  readonly listed?: Telling;
  /** To `LSTAT`, `STAT` and `FSTAT`. Default: `all`. */
  readonly told?: Telling;
  readonly longNames?: 'unix' | 'dos' | 'the name';
  /** Requests that are refused with that status, by their number. */
  readonly refused?: Readonly<Record<number, number>>;
  /** Paths about which everything is refused with that status. */
  readonly refusedPaths?: Readonly<Record<string, number>>;
  /** The status that a path which ends with `/.` is refused with. */
  readonly dotRefused?: number;
  /** Whether `.` and `..` are listed. Default: no. */
  readonly dots?: boolean;
  /** The answers to `READDIR` before the end, made of the names. Default: one with all. */
  readonly answers?: (names: readonly ScriptedName[]) => readonly (readonly ScriptedName[])[];
  /** How a listing ends. Default: end of file. */
  readonly ending?: 'empty answers' | 'no more files' | 'failure';
  /** What a READ gives that reaches past the end. Default: what is there. */
  readonly pastEnd?: 'failure' | 'end of file' | 'nothing';
  /** The longest answer to READ; what is asked for beyond that is left out, or refused. */
  readonly mostRead?: number;
  readonly refusesLongReads?: boolean;
  /** So many handles may be open at once. */
  readonly handles?: number;
  readonly tooMany?: { readonly status: number; readonly message: string };
}

const request = {
  open: 3,
  close: 4,
  read: 5,
  lstat: 7,
  fstat: 8,
  opendir: 11,
  readdir: 12,
  stat: 17,
  readlink: 19,
} as const;
const status = { ok: 0, eof: 1, noSuchFile: 2, failure: 4, unsupported: 8 } as const;
const mtime = 1_700_000_000;

/** Serves the tree. `greatest` is the largest number of handles that were open at once. */
export class OddSftp {
  greatest = 0;
  readonly #tree: Tree;
  readonly #oddities: Oddities;
  readonly #open = new Map<string, { readonly path: string; answered: number }>();
  #handles = 0;

  constructor(tree: Tree, oddities: Oddities = {}) {
    this.#tree = tree;
    this.#oddities = oddities;
  }

  get script(): Script {
    return { answer: (asked, reply) => (this.#answer(asked, reply), true) };
  }

  #answer(asked: ScriptedRequest, reply: Reply): void {
    const { refused = {}, refusedPaths = {}, dotRefused } = this.#oddities;
    const path = this.#open.get(asked.subject)?.path ?? asked.subject;
    const refusal = path.endsWith('/.') ? dotRefused : undefined;
    const code = refused[asked.type] ?? refusedPaths[path] ?? refusal;
    const node = this.#tree[path.replace(/\/\.$/, '') || '/'];
    if (code !== undefined) reply.status(code, '');
    else if (asked.type === request.close) {
      this.#open.delete(asked.subject);
      reply.status(status.ok, '');
    } else if (node === undefined) reply.status(status.noSuchFile, 'No such file');
    else this.#about(path, node, asked, reply);
  }

  #about(path: string, node: Node, asked: ScriptedRequest, reply: Reply): void {
    const isFolder = 'names' in this.#followed(path);
    switch (asked.type) {
      case request.open:
      case request.opendir:
        if (isFolder === (asked.type === request.opendir)) this.#openIt(path, reply);
        else reply.status(status.failure, 'Failure');
        return;
      case request.readdir:
        this.#list(path, asked.subject, reply);
        return;
      case request.read:
        this.#read(this.#followed(path) as Buffer, asked, reply);
        return;
      case request.readlink:
        tellTarget(node, reply);
        return;
      case request.lstat:
        reply.attributes(this.#attributes(path, this.#oddities.told));
        return;
      case request.stat:
      case request.fstat: {
        const { told = 'all' } = this.#oddities;
        reply.attributes(this.#attributes(path, told === 'all' ? 'followed' : told));
        return;
      }
      default:
        reply.status(status.unsupported, '');
    }
  }

  #openIt(path: string, reply: Reply): void {
    const { handles = Infinity, tooMany = { status: status.failure, message: 'Failure' } } =
      this.#oddities;
    if (this.#open.size >= handles) {
      reply.status(tooMany.status, tooMany.message);
      return;
    }
    const handle = `handle ${(this.#handles += 1)}`;
    this.#open.set(handle, { path, answered: 0 });
    this.greatest = Math.max(this.greatest, this.#open.size);
    reply.handle(handle);
  }

  #list(path: string, handle: string, reply: Reply): void {
    const { answers = inOne, ending, dots, listed } = this.#oddities;
    const folder = this.#open.get(handle);
    if (!folder) {
      reply.status(status.failure, 'bad handle');
      return;
    }
    const names = namesIn(this.#followed(path)).map((name) => {
      const child = `${path === '/' ? '' : path}/${name}`;
      return { name, longName: this.#longName(child, name), ...this.#attributes(child, listed) };
    });
    const all = [...(dots ? dotNames : []), ...names];
    const part = all.length === 0 ? undefined : answers(all)[folder.answered];
    folder.answered += 1;
    if (part) reply.names(part);
    else if (ending === 'empty answers') reply.names([]);
    else if (ending === 'no more files') reply.status(status.failure, 'There are no more files.');
    else if (ending === 'failure') reply.status(status.failure, 'disk trouble');
    else reply.status(status.eof, '');
  }

  #read(content: Buffer, { offset, length }: ScriptedRequest, reply: Reply): void {
    const { pastEnd, mostRead = Infinity, refusesLongReads } = this.#oddities;
    const isTooFar = offset + length > content.length;
    const part = content.subarray(offset, offset + Math.min(length, mostRead));
    if (isTooFar && pastEnd === 'failure') reply.status(status.failure, 'Failure');
    else if (isTooFar && pastEnd === 'end of file') reply.status(status.eof, '');
    else if (length > mostRead && refusesLongReads) reply.status(status.failure, 'Failure');
    else if (part.length > 0 || pastEnd === 'nothing') reply.data(part);
    else reply.status(status.eof, '');
  }

  #followed(path: string): Buffer | Folder {
    const node = this.#tree[path] ?? emptyFolder;
    if (!('target' in node)) return node;
    const folder = path.slice(0, path.lastIndexOf('/'));
    return this.#followed(`${folder}/${node.target}`);
  }

  #attributes(path: string, telling: Telling = 'all'): Partial<ScriptedName> {
    const own = this.#tree[path];
    const node = telling === 'followed' || own === undefined ? this.#followed(path) : own;
    const [type, permissions] =
      'target' in node
        ? [0o120000, 0o777]
        : Buffer.isBuffer(node)
          ? [0o100000, 0o644]
          : [0o40000, 0o755];
    const size = Buffer.isBuffer(node) ? node.length : 0;
    switch (telling) {
      case 'nothing':
        return {};
      case 'no permissions nor size':
        return { mtime };
      case 'no permissions':
        return { size, mtime };
      case 'no type':
        return { size, mtime, mode: permissions };
      default:
        return { size, mtime, mode: type | permissions };
    }
  }

  #longName(path: string, name: string): string {
    const node = this.#tree[path] ?? emptyFolder;
    const isFolder = 'names' in node;
    switch (this.#oddities.longNames) {
      case 'unix': {
        const letter = 'target' in node ? 'l' : isFolder ? 'd' : '-';
        return `${letter}rw-r--r--    1 user     group        7 Nov 14 22:13 ${name}`;
      }
      case 'dos':
        return `11-14-23  10:13PM ${isFolder ? '      <DIR>         ' : '               1,234'} ${name}`;
      case 'the name':
        return name;
      default:
        return '';
    }
  }
}

function tellTarget(node: Node, reply: Reply): void {
  if ('target' in node) reply.names([{ name: node.target }]);
  else reply.status(status.failure, 'Failure');
}

const inOne = (names: readonly ScriptedName[]): (readonly ScriptedName[])[] => [names];
const emptyFolder: Folder = { names: [] };

function namesIn(node: Buffer | Folder): readonly string[] {
  return Buffer.isBuffer(node) ? [] : node.names;
}

const dotNames: readonly ScriptedName[] = ['.', '..'].map((name) => ({
  name,
  mode: 0o40755,
  size: 0,
  mtime,
}));
