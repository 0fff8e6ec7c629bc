import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { retry } from '../../base/retry';
import { childPath, parentOf, type RemotePath } from '../../model/remotePath';
import { temporaryName, type TemporaryKind } from '../../model/temporaryName';
import type { SnapshotId } from '../../model/snapshotId';
import type { Attributes, Content, Standing, Target } from '../../targets/target';
import type { PlannedAction } from './plannedAction';
import { DamagedContent, type SnapshotContents } from './snapshotContent';

export interface PlacingOptions {
  readonly target: Target;
  readonly contents: SnapshotContents;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** A file was damaged in the snapshot, and came from another one. */
  readonly onSubstitute: (action: PlannedAction, from: SnapshotId) => void;
}

/** Puts single entries in their places, so that each is there as it was or as it is to be, never half. */
export class Placing {
  readonly #options: PlacingOptions;

  constructor(options: PlacingOptions) {
    this.#options = options;
  }

  async file(action: PlannedAction): Promise<void> {
    const { contents, onSubstitute } = this.#options;
    const { entry } = action;
    try {
      await this.#write(action, contents.of(entry));
    } catch (error) {
      if (!(error instanceof DamagedContent)) throw error;
      const other = await contents.elsewhere(entry);
      if (!other) throw beyondRepair(error);
      await this.#write(action, other.content);
      onSubstitute(action, other.from);
    }
  }

  async link(action: PlannedAction): Promise<void> {
    const { target, signal } = this.#options;
    const { entry, place } = action;
    await this.#beside(action, async (part, aside) => {
      await target.makeLink(part, entry.target ?? '', attributesOf(action), signal);
      await target.replace(part, place, aside, signal);
    });
  }

  /** Only its owner may look into a new folder while it is filled, and nobody is kept from filling it. */
  async folder({ place, before, entry }: PlannedAction): Promise<void> {
    const { target, signal } = this.#options;
    await this.#retried(async () => {
      if (before && before.type !== 'directory') await target.removeFile(place, signal);
      await target.makeFolder(place, signal);
      if (entry.mode === undefined) return;
      const made = { place, type: 'directory' } as const;
      await target.setAttributes(made, { mode: entry.mode | 0o700 }, signal);
    });
  }

  async attributes(standing: Standing, attributes: Attributes): Promise<void> {
    const { target, signal } = this.#options;
    await this.#retried(() => target.setAttributes(standing, attributes, signal));
  }

  /** Of something whose content is right. */
  attributesOnly(action: PlannedAction): Promise<void> {
    const type = action.entry.type === 'directory' ? 'directory' : 'file';
    return this.attributes({ place: action.place, type }, attributesOf(action));
  }

  async removal({ place, entry }: PlannedAction): Promise<void> {
    const { target, signal } = this.#options;
    await this.#retried(() =>
      entry.type === 'directory'
        ? target.removeFolder(place, signal)
        : target.removeFile(place, signal),
    );
  }

  /** Whether a folder can be written in, found out with a file of no bytes. Throws why not. */
  async probe(folder: RemotePath): Promise<void> {
    const { target, signal } = this.#options;
    let made: RemotePath | undefined;
    await this.#retried(() =>
      this.#orRemoved(folder, async (part) => {
        await target.upload(part, nothing, {}, signal);
        made = part;
      }),
    );
    // By itself, as one that stays would keep its folder from being removed.
    await this.#retried(async () => {
      if (made !== undefined) await target.removeFile(made, signal);
    });
  }

  async #write(action: PlannedAction, content: Content): Promise<void> {
    const { target, signal } = this.#options;
    const { place, before } = action;
    const like = before && before.type !== 'directory' ? place : parentOf(place);
    await this.#beside(action, async (part, aside) => {
      await target.upload(part, content, { ...attributesOf(action), like }, signal);
      await target.replace(part, place, aside, signal);
    });
  }

  /** Under a temporary name, which is removed if it does not become the true one. */
  async #beside(
    { place, before }: PlannedAction,
    work: (part: RemotePath, aside: RemotePath) => Promise<void>,
  ): Promise<void> {
    const { target, signal } = this.#options;
    const folder = parentOf(place);
    if (before?.type === 'directory') {
      // What was in it has been removed.
      await this.#retried(() => target.removeFolder(place, signal));
    }
    await this.#retried(() =>
      this.#orRemoved(folder, (part) => work(part, newName(folder, 'former'))),
    );
  }

  async #orRemoved(folder: RemotePath, work: (part: RemotePath) => Promise<void>): Promise<void> {
    const { target, signal } = this.#options;
    const part = newName(folder, 'part');
    try {
      await work(part);
    } catch (error) {
      // If it cannot be removed now, the next restore does it.
      if (!signal.aborted) await target.removeFile(part, signal).catch(() => undefined);
      throw error;
    }
  }

  #retried(work: () => Promise<void>): Promise<void> {
    const { clock, signal } = this.#options;
    return retry(work, clock, signal);
  }
}

export function attributesOf({ entry }: PlannedAction): Attributes {
  return {
    ...(entry.mode !== undefined && { mode: entry.mode }),
    ...(entry.mtime !== undefined && { mtime: entry.mtime }),
  };
}

function newName(folder: RemotePath, kind: TemporaryKind): RemotePath {
  return childPath(folder, temporaryName(randomBytes(8).toString('hex'), kind));
}

const nothing: Content = {
  size: 0,
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  place: '',
  // eslint-disable-next-line @typescript-eslint/require-await -- a file of no bytes
  read: async function* () {
    yield* [];
  },
};

function beyondRepair(error: DamagedContent): BackupError {
  const message = `${error.message} No other snapshot has the same content, so it was not restored.`;
  return new BackupError('changed', message, { cause: error });
}
