import type { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import type { ManifestEntry } from '../../model/manifest';
import { hasSameTime } from '../../model/racyClean';
import { isWithin, nameOf, type RemotePath } from '../../model/remotePath';
import { isTemporaryName } from '../../model/temporaryName';
import type { Target } from '../../targets/target';
import { describedAs, type PlannedAction } from './plannedAction';

/** What is done with files that are there already. */
export type Overwrite = 'changed' | 'always' | 'never';

/** What the snapshot and the target have at one path. */
export interface Met {
  readonly wanted?: ManifestEntry;
  readonly found?: Entry;
  /** The target could not say what stands there. */
  readonly unknown?: BackupError;
  readonly place: RemotePath;
}

export interface Deciding {
  readonly target: Target;
  readonly overwrite: Overwrite;
  /** Whether an entry of the snapshot is restored, or only on the way to one that is. */
  isChosen(entry: ManifestEntry): boolean;
  /** Whether what the snapshot does not have may be deleted. */
  mayDelete(found: Entry): boolean;
}

type Base = Omit<PlannedAction, 'action'>;

const notInAFolder = 'The snapshot says that it lies within something that is no folder.';

/** Decides what becomes of each entry, in folder order. */
export class Decisions {
  readonly #deciding: Deciding;
  /** An entry of the snapshot below which nothing is known of what it held. */
  #unread: RemotePath | undefined;
  /** A path below which the target could not be listed, and why. */
  #unlisted: { readonly path: RemotePath; readonly error: BackupError } | undefined;
  /** An entry below which nothing can be, and what is the matter with it. */
  #barred: { readonly path: RemotePath; readonly reason: string } | undefined;
  /** A folder that is to make room for a file: all in it is in the way. */
  #clearing: RemotePath | undefined;

  constructor(deciding: Deciding) {
    this.#deciding = deciding;
  }

  /** Undefined: nothing is to be said of it. */
  decide(met: Met): PlannedAction | undefined {
    const { wanted, found, unknown, place } = met;
    if (unknown) this.#unlisted = { path: place, error: unknown };
    if (wanted) {
      if (wanted.skipped || wanted.carried !== undefined) this.#unread = place;
      return this.#decideWanted(wanted, met);
    }
    if (!found) return undefined;
    // A snapshot of what was overwritten has files without the folders that they are in.
    if (found.type !== 'directory') this.#bar(place, onTheWay(found));
    return this.#decideExtra(found, place);
  }

  #decideWanted(wanted: ManifestEntry, { found, place }: Met): PlannedAction | undefined {
    const chosen = this.#deciding.isChosen(wanted);
    const base = { entry: wanted, place, ...(found && { before: found }) };
    const impossible = this.#impossible(wanted, found, place);
    if (wanted.type !== 'directory') this.#bar(place, notInAFolder);
    if (impossible !== undefined) {
      const refused = this.#refused(base, impossible);
      return chosen ? refused : undefined;
    }
    // Only folders are on the way to something.
    if (!chosen && wanted.type !== 'directory') return undefined;
    if (!found) return this.#unlessFault({ action: 'create', ...base });
    if (found.type !== wanted.type) return this.#replace(found, base, chosen);
    return chosen ? this.#unlessFault(this.#compare(wanted, found, base)) : undefined;
  }

  #impossible(
    wanted: ManifestEntry,
    found: Entry | undefined,
    place: RemotePath,
  ): string | undefined {
    if (this.#barred && place !== this.#barred.path && isWithin(place, this.#barred.path)) {
      return this.#barred.reason;
    }
    const { path, error } = this.#unlisted ?? {};
    if (path !== undefined && error && isWithin(place, path)) {
      return `What stands there could not be found out: ${error.message}`;
    }
    return faultOfEntry(wanted, found);
  }

  /** What the target cannot hold matters only where it is to be written. */
  #unlessFault(planned: PlannedAction): PlannedAction {
    if (planned.action === 'same' || planned.how === 'attributes') return planned;
    const { entry, place } = planned;
    const fault = this.#deciding.target.faultOf({ path: place, type: entry.type });
    return fault === undefined ? planned : this.#refused(planned, fault);
  }

  /** Another kind of thing stands there. */
  #replace(found: Entry, base: Base, chosen: boolean): PlannedAction {
    if (this.#deciding.overwrite === 'never') {
      this.#bar(base.place, `A ${kindOf(found)} stands there (--overwrite never).`);
      return this.#kept(base);
    }
    if (!chosen) return this.#refused(base, onTheWay(found));
    if (found.type === 'other') {
      return this.#refused(base, 'A special file stands there, which could not be saved first.');
    }
    if (found.type === 'directory') {
      if (!this.#deciding.mayDelete(found)) {
        return this.#refused(base, 'A folder stands there. It makes room with --delete only.');
      }
      this.#clearing = base.place;
    }
    const reason = `in the place of a ${kindOf(found)}`;
    return this.#unlessFault({ action: 'overwrite', reason, ...base });
  }

  #refused(base: Base, reason: string): PlannedAction {
    this.#bar(base.place, reason);
    return { ...base, action: 'impossible', reason };
  }

  /** What bars a folder bars all that is in it, also behind the first entry that is met there. */
  #bar(path: RemotePath, reason: string): void {
    const outer = this.#barred?.path;
    if (outer !== undefined && path !== outer && isWithin(path, outer)) return;
    this.#barred = { path, reason };
  }

  #kept(base: Base): PlannedAction {
    return { ...base, action: 'same', reason: 'kept as it is there (--overwrite never)' };
  }

  #compare(wanted: ManifestEntry, found: Entry, base: Base): PlannedAction {
    const { overwrite } = this.#deciding;
    if (wanted.type === 'other') return { ...base, action: 'same' };
    if (overwrite === 'never') return this.#kept(base);
    const content = differenceOf(wanted, found);
    if (content !== undefined) return { ...base, action: 'overwrite', reason: content };
    if (overwrite === 'always' && wanted.type === 'file') {
      return {
        ...base,
        action: 'overwrite',
        reason: 'the same size and time (--overwrite always)',
      };
    }
    const rights = this.#rightsOf(wanted, found);
    if (rights === undefined) return { ...base, action: 'same' };
    return { ...base, action: 'overwrite', reason: rights, how: 'attributes' };
  }

  #rightsOf({ type, mode }: ManifestEntry, found: Entry): string | undefined {
    if (type === 'symlink' || mode === undefined || found.mode === undefined) return undefined;
    const mask = this.#deciding.target.comparableMode;
    if ((mode & mask) === (found.mode & mask)) return undefined;
    return `only the rights: ${octal(found.mode)} becomes ${octal(mode)}`;
  }

  #decideExtra(found: Entry, place: RemotePath): PlannedAction | undefined {
    const base = { entry: { ...describedAs(found), path: place }, place, before: found };
    if (isTemporaryName(nameOf(place))) {
      return { ...base, action: 'delete', how: 'leftover' };
    }
    const clears = this.#clearing !== undefined && isWithin(place, this.#clearing);
    if (!clears && this.#isUnknown(place)) return undefined;
    if (!this.#deciding.mayDelete(found)) return undefined;
    if (found.type === 'other') {
      const reason = 'A special file: it could not be saved first, so it is not deleted.';
      return { ...base, action: 'impossible', reason };
    }
    return clears ? { ...base, action: 'delete', how: 'clear' } : { ...base, action: 'delete' };
  }

  /** What the snapshot could not read, and what could not be listed now, deletes nothing. */
  #isUnknown(place: RemotePath): boolean {
    const unlisted = this.#unlisted?.path;
    return [this.#unread, unlisted].some((path) => path !== undefined && isWithin(place, path));
  }
}

function faultOfEntry(wanted: ManifestEntry, found: Entry | undefined): string | undefined {
  if (wanted.type === 'other') {
    if (found?.type === 'other') return undefined;
    if (wanted.skipped) return `The snapshot does not have it: ${wanted.skipped.message}`;
    return 'A device, FIFO or socket has no content that could be restored.';
  }
  if (wanted.type === 'file' && wanted.sha256 === undefined) {
    return `The snapshot does not have its content: ${wanted.skipped?.message ?? 'it was not read'}`;
  }
  if (wanted.type === 'symlink' && wanted.target === undefined) {
    return 'The snapshot does not know where the link leads.';
  }
  return undefined;
}

/** Why the content is to be written, or undefined if it is the same as far as size and time tell. */
function differenceOf(wanted: ManifestEntry, found: Entry): string | undefined {
  if (wanted.type === 'symlink') {
    // Some servers do not tell where a link leads.
    const isSame = found.target === undefined || wanted.target === found.target;
    return isSame ? undefined : 'the link leads elsewhere';
  }
  if (wanted.type !== 'file') return undefined;
  const isSame = wanted.size === found.size && hasSameTime(wanted, found);
  if (isSame) return undefined;
  return isNewer(found, wanted) ? 'newer there than in the snapshot' : 'it changed';
}

function isNewer(found: Entry, wanted: ManifestEntry): boolean {
  if (found.mtime === undefined || wanted.mtime === undefined) return false;
  return found.mtime > wanted.mtime && !hasSameTime(wanted, found);
}

const kinds = {
  file: 'file',
  directory: 'folder',
  symlink: 'link',
  other: 'special file',
} as const;

function kindOf({ type }: Entry): string {
  return kinds[type];
}

function onTheWay(found: Entry): string {
  return `On the way to it stands a ${kindOf(found)}.`;
}

function octal(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(3, '0');
}
