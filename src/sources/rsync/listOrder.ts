import type { FileTable } from './fileTable';

const slash = 47;

type Compare = (left: number, right: number) => number;

/**
 * The order by which requests count the entries of a list (rsync flist.c: f_name_cmp): the bytes of
 * the whole path below protocol 29; from there on files before folders at every level, a folder
 * before what is in it, and `.` first. The positions hold the numbers of the rows.
 */
export function requestOrder(table: FileTable, protocol: number): Uint32Array {
  return sorted(table, protocol < 29 ? byBytes(table) : byLevels(table));
}

/** Our own order (`compareInFolderOrder`), with `.` first. */
export function folderOrder(table: FileTable): Uint32Array {
  return sorted(table, inFolders(table));
}

function sorted(table: FileTable, compare: Compare): Uint32Array {
  const order = new Uint32Array(table.count);
  for (let index = 0; index < order.length; index += 1) order[index] = index;
  return order.sort(compare);
}

/** Compares two names from their first differing byte on. */
type Decide = (left: Side, right: Side, at: number) => number;

interface Side {
  readonly page: Buffer;
  readonly start: number;
  readonly length: number;
  readonly index: number;
}

function comparing(table: FileTable, decide: Decide, dotFirst: boolean): Compare {
  const side = (index: number): Side => {
    const start = table.nameStart(index);
    const { names } = table;
    const length = table.nameLength(index);
    return { page: names.pageOf(start), start: names.offsetOf(start), length, index };
  };
  return (leftIndex, rightIndex) => {
    const left = side(leftIndex);
    const right = side(rightIndex);
    if (dotFirst && (isDot(left) || isDot(right)))
      return Number(isDot(right)) - Number(isDot(left));
    const shared = Math.min(left.length, right.length);
    let at = 0;
    while (at < shared && left.page[left.start + at] === right.page[right.start + at]) at += 1;
    if (at === left.length && at === right.length) return 0;
    return decide(left, right, at);
  };
}

function isDot({ page, start, length }: Side): boolean {
  return length === 1 && page[start] === 46;
}

function byteAt({ page, start, length }: Side, at: number, afterEnd: number): number {
  return at < length ? (page[start + at] ?? 0) : afterEnd;
}

function byBytes(table: FileTable): Compare {
  const decide: Decide = (left, right, at) => byteAt(left, at, -1) - byteAt(right, at, -1);
  return comparing(table, decide, false);
}

function inFolders(table: FileTable): Compare {
  const rank = (side: Side, at: number): number => {
    const byte = byteAt(side, at, -2);
    return byte === slash ? -1 : byte;
  };
  return comparing(table, (left, right, at) => rank(left, at) - rank(right, at), true);
}

function byLevels(table: FileTable): Compare {
  /** Whether the component at `at` is a folder: because more follows, or by its type. */
  const isFolder = (side: Side, at: number): boolean => {
    if (table.isDirectory(side.index)) return true;
    const end = side.start + side.length;
    const found = side.page.indexOf(slash, side.start + at);
    return found !== -1 && found < end;
  };
  const decide: Decide = (left, right, at) => {
    const leftIsFolder = isFolder(left, at);
    const rightIsFolder = isFolder(right, at);
    if (leftIsFolder !== rightIsFolder) return leftIsFolder ? 1 : -1;
    const end = leftIsFolder ? slash : -1;
    const difference = byteAt(left, at, end) - byteAt(right, at, end);
    // One of two folders ends here and the other one is below it.
    return difference === 0 ? left.length - right.length : difference;
  };
  return comparing(table, decide, true);
}
