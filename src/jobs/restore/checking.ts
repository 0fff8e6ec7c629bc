import { createHash } from 'node:crypto';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { mergeInFolderOrder } from '../../model/mergeInFolderOrder';
import { hasSameTime } from '../../model/racyClean';
import { isWithin, nameOf, type RemotePath } from '../../model/remotePath';
import { isTemporaryName } from '../../model/temporaryName';
import type { Incoming, Sink, Wanted } from '../../model/transfer';
import { Lanes } from '../../sources/lanes';
import type { Scanned } from '../../sources/source';
import { Walk } from '../../sources/walk';
import type { Target } from '../../targets/target';
import { scopeOf } from './existing';
import type { Kind } from './planning';
import type { PlannedAction } from './plannedAction';
import type { Touched } from './touched';

export interface CheckingOptions {
  readonly target: Target;
  readonly kind: Kind;
  /** Where the plan began to look. */
  readonly roots: readonly RemotePath[];
  readonly touched: Touched;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Whether an entry is known to have failed: it is not looked for. */
  readonly hasFailed: (action: PlannedAction) => boolean;
  readonly onFailed: (action: PlannedAction, error: BackupError) => void;
  /** It is there, but not all of it as it was. */
  readonly onWarning: (action: PlannedAction, message: string) => void;
  /** A temporary file or folder of ours that is left. */
  readonly onLeftover: (found: Entry) => Promise<void>;
}

/** Something that was written, and what stands there now. */
interface Written {
  readonly action: PlannedAction;
  readonly found: Entry | undefined;
}

/** Looks at what was written: lists it again and compares, and reads it back if that is wished. */
export class Checking {
  readonly #options: CheckingOptions;

  constructor(options: CheckingOptions) {
    this.#options = options;
  }

  /** By size and time, as it is listed now. */
  async list(actions: AsyncIterable<PlannedAction>): Promise<void> {
    const looks = this.#right(actions);
    for (let next = await looks.next(); !next.done; next = await looks.next());
  }

  /** The same, and all content is read back. Resolves with the number of files that were read and right. */
  async readBack(actions: AsyncIterable<PlannedAction>): Promise<number> {
    const { target, clock, signal } = this.#options;
    const sink = new ProvingSink((action, error) => this.#options.onFailed(action, error));
    const lanes = new Lanes(target.reader, sink, clock, signal);
    await lanes.fetch(this.#wanted(actions));
    return sink.proven;
  }

  async *#wanted(actions: AsyncIterable<PlannedAction>): AsyncGenerator<Read, void, undefined> {
    let number = 0;
    for await (const { action, found } of this.#right(actions)) {
      if (found.type === 'file') yield { entry: found, number: (number += 1), action };
    }
  }

  /** What was written and is there with the right size. */
  async *#right(
    actions: AsyncIterable<PlannedAction>,
  ): AsyncGenerator<{ action: PlannedAction; found: Entry }, void, undefined> {
    for await (const { action, found } of this.#written(actions)) {
      const fault = faultOf(action, found);
      if (fault !== undefined) this.#options.onFailed(action, new BackupError('changed', fault));
      else if (found) {
        this.#compareTimes(action, found);
        yield { action, found };
      }
    }
  }

  #compareTimes(action: PlannedAction, found: Entry): void {
    const { entry } = action;
    if (entry.type !== 'file' || entry.mtime === undefined || found.mtime === undefined) return;
    if (hasSameTime(entry, found)) return;
    this.#options.onWarning(action, 'Its content is right, but its time could not be set.');
  }

  #written(actions: AsyncIterable<PlannedAction>): AsyncIterable<Written> {
    const { kind, hasFailed } = this.#options;
    const wanted = onlyWritten(actions, hasFailed);
    return kind.at === 'folder' ? this.#eachByItself(wanted) : this.#byListing(wanted);
  }

  async *#byListing(
    actions: AsyncIterable<PlannedAction>,
  ): AsyncGenerator<Written, void, undefined> {
    const scan = this.#walk().scan();
    const pathOf = ({ place }: PlannedAction): string => place;
    let unlisted: RemotePath | undefined;
    for await (const { left, right } of mergeInFolderOrder(actions, scan, pathOf, pathOfScanned)) {
      if (right?.error && right.error.kind !== 'not-found') unlisted = right.path;
      const found = right?.error ? undefined : right?.entry;
      if (!left) await this.#passOver(found);
      else if (unlisted === undefined || !isWithin(left.place, unlisted)) {
        yield { action: left, found };
      } else this.#options.onWarning(left, 'It was written, but could not be listed again.');
    }
  }

  #walk(): Walk {
    const { target, kind, touched, clock, signal } = this.#options;
    const roots = this.#options.roots.filter((root) => touched.has(root));
    const links = kind.at === 'server' && kind.links === 'follow' ? 'follow' : 'record';
    const scope = scopeOf({ roots, known: touched, looksInto: () => false, links });
    return new Walk(target.reader, scope, clock, signal);
  }

  /** Something that was not written now: it may be what a failed attempt has left. */
  async #passOver(found: Entry | undefined): Promise<void> {
    if (found && isTemporaryName(nameOf(found.path))) await this.#options.onLeftover(found);
  }

  async *#eachByItself(
    actions: AsyncIterable<PlannedAction>,
  ): AsyncGenerator<Written, void, undefined> {
    const { target, signal } = this.#options;
    for await (const action of actions) {
      const found = await target.reader.stat(action.place, signal).catch((error: unknown) => {
        if (error instanceof BackupError && error.scope === 'entry') return undefined;
        throw error;
      });
      yield { action, found };
    }
  }
}

async function* onlyWritten(
  actions: AsyncIterable<PlannedAction>,
  hasFailed: (action: PlannedAction) => boolean,
): AsyncGenerator<PlannedAction, void, undefined> {
  for await (const action of actions) {
    const isWritten = action.action === 'create' || action.action === 'overwrite';
    if (isWritten && !hasFailed(action)) yield action;
  }
}

function pathOfScanned(scanned: Scanned): string {
  return scanned.error ? scanned.path : scanned.entry.path;
}

function faultOf({ entry }: PlannedAction, found: Entry | undefined): string | undefined {
  if (!found) return 'It was written, but is not there now.';
  if (found.type !== entry.type) return `It was written, but a ${found.type} stands there now.`;
  if (entry.type !== 'file' || found.size === undefined || found.size === entry.size) {
    return undefined;
  }
  return `It was written, but has ${found.size} bytes now where it should have ${entry.size ?? 0}.`;
}

interface Read extends Wanted {
  readonly action: PlannedAction;
}

/** Takes the digest of what is read back, and keeps nothing of it. */
class ProvingSink implements Sink {
  proven = 0;
  readonly #onFailed: CheckingOptions['onFailed'];

  constructor(onFailed: CheckingOptions['onFailed']) {
    this.#onFailed = onFailed;
  }

  receive(wanted: Wanted): Promise<Incoming> {
    const hash = createHash('sha256');
    const { action } = wanted as Read;
    return Promise.resolve({
      offset: 0,
      write: (chunk) => void hash.update(chunk),
      finish: () => {
        if (hash.digest('hex') === action.entry.sha256) this.proven += 1;
        else
          this.#onFailed(
            action,
            new BackupError('changed', 'It was read back, and is not the same.'),
          );
        return Promise.resolve();
      },
      abandon: () => Promise.resolve(),
    });
  }

  left(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  skip(wanted: Wanted, error: BackupError): Promise<void> {
    this.#onFailed((wanted as Read).action, error);
    return Promise.resolve();
  }

  warn(wanted: Wanted, message: string): void {
    this.#onFailed((wanted as Read).action, new BackupError('changed', message));
  }
}
