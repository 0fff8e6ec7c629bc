import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { EntryType } from '../../model/entry';
import type { RemotePath } from '../../model/remotePath';
import { typeOf } from './attributes';
import { openFolder, readFolder, type Listed } from './calls';
import { status } from './constants';
import { isAnswer, type Asking } from './describe';
import { onServer, shown } from './entries';
import type { OpenHandle } from './handleLimit';
import { refusalOf } from './statusError';

export interface ListingLimits {
  /** Names in one folder, repeated ones included. */
  readonly names: number;
}

/** The names of a folder, without `.` and `..`. */
export interface FolderNames {
  readonly names: ReadonlyMap<string, Listed>;
  /** Those that came more than once, as different things. */
  readonly ambiguous: ReadonlySet<string>;
  /** The server has listed `.` or `..` too: so the folder may be searched. */
  readonly hasDots: boolean;
  /** Why there may be more in it. */
  readonly fault: BackupError | undefined;
}

/** A folder that changes while it is read may repeat a few names; a server that repeats all is stuck. */
const fewRepeats = 1000;
/** Requests for more names that are sent ahead: the second finds the end of a small folder. */
const firstAhead = 2;
const mostAhead = 8;
/** Answers without names in a row that are the end: OpenSSH's client takes the first one for it. */
const endlessSilence = 8;

/**
 * Reads all names of a folder. Throws if there are none to be had; a listing that breaks off is given
 * as far as it went, with the reason.
 */
export async function readNames(
  asking: Asking,
  folder: RemotePath,
  limits: ListingLimits,
): Promise<FolderNames> {
  const { channel, handles, signal } = asking;
  const reading = new NameReading(limits, shown(folder));
  let handle: OpenHandle;
  try {
    const ask = (): Promise<Buffer> => openFolder(channel, onServer(folder), shown(folder));
    handle = await handles.open(channel, ask, signal);
  } catch (error) {
    // There are servers that see the end of an empty folder when they open it.
    if (refusalOf(error)?.code === status.eof) return reading.found(undefined);
    throw error;
  }
  try {
    return reading.found(await readAll(asking, handle.bytes, reading));
  } finally {
    handle.close();
  }
}

/** Gives why the listing broke off, if it did and something had come before. */
async function readAll(
  asking: Asking,
  handle: Buffer,
  reading: NameReading,
): Promise<BackupError | undefined> {
  const ahead: ReturnType<typeof readFolder>[] = [];
  const ask = (): void => {
    const answer = readFolder(asking.channel, handle, reading.folder);
    // Its failure is looked at when its turn comes, which may be never.
    answer.catch(() => undefined);
    ahead.push(answer);
  };
  for (let width = firstAhead; ; width = Math.min(width + 1, mostAhead)) {
    throwIfAborted(asking.signal);
    while (ahead.length < width) ask();
    try {
      const some = await ahead.shift();
      if (!some || reading.isOver(some)) return undefined;
    } catch (error) {
      if (saysNoMore(error)) return undefined;
      if (reading.isEmpty || !isAnswer(asking, error)) throw error;
      return error;
    }
  }
}

/** In words of Windows, where the end of a folder is an error. */
function saysNoMore(error: unknown): boolean {
  return /no more files/i.test(refusalOf(error)?.message ?? '');
}

/** The names that have come so far. */
class NameReading {
  /** For people. */
  readonly folder: string;
  readonly #limits: ListingLimits;
  readonly #names = new Map<string, Listed>();
  readonly #ambiguous = new Set<string>();
  #hasDots = false;
  #received = 0;
  #silence = 0;

  constructor(limits: ListingLimits, folder: string) {
    this.#limits = limits;
    this.folder = folder;
  }

  get isEmpty(): boolean {
    return this.#names.size === 0;
  }

  found(fault: BackupError | undefined): FolderNames {
    return { names: this.#names, ambiguous: this.#ambiguous, hasDots: this.#hasDots, fault };
  }

  /** Takes an answer; gives whether it is the end. Throws `protocol` if there is none. */
  isOver(some: readonly Listed[]): boolean {
    this.#silence = some.length === 0 ? this.#silence + 1 : 0;
    for (const listed of some) this.#take(listed);
    this.#received += some.length;
    if (this.#received > this.#limits.names || this.#received > 2 * this.#names.size + fewRepeats) {
      throw new BackupError('protocol', `The listing of ${this.folder} does not come to an end.`);
    }
    return this.#silence >= endlessSilence;
  }

  #take(listed: Listed): void {
    const { name } = listed;
    if (name === '.' || name === '..') {
      this.#hasDots = true;
      return;
    }
    const before = this.#names.get(name);
    if (before && typeSaid(before) !== typeSaid(listed)) this.#ambiguous.add(name);
    this.#names.set(name, listed);
  }
}

export function typeSaid({ attributes, typeByLongName }: Listed): EntryType | undefined {
  return typeOf(attributes) ?? typeByLongName;
}
