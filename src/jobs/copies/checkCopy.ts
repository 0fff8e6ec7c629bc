import type { CheckedPart } from '../../copies/copyRepository';
import { openRepository, type RepositoryEnvironment } from '../../copies/restic/resticRepository';
import type { Copy } from '../../model/configuration/copy';
import { changeCopyState, readCopyState, type CheckedState } from '../../store/copyStates';
import type { Store } from '../../store/store';
import { lockRepository } from './repositoryLock';

export interface CheckOptions {
  readonly copy: Copy;
  /** Of the servers that are copied there; what is known of the repository is written down in each. */
  readonly stores: readonly [Store, ...Store[]];
  readonly environment: RepositoryEnvironment;
  readonly signal: AbortSignal;
  /** How much of the content is read, from 0 to 1. */
  readonly share: number;
}

export interface CheckedCopy extends CheckedPart {
  readonly copy: string;
  readonly status: 'whole' | 'damaged';
  /** What is wrong. */
  readonly message?: string;
  readonly seconds: number;
}

/**
 * Checks how a repository is built, and reads the next part of its content: after as many checks as there
 * are parts, all of it was read, and if all of it was right, what was in doubt before is so no more. Throws
 * what `CopyRepository` throws.
 */
export async function checkCopy(options: CheckOptions): Promise<CheckedCopy> {
  const { copy, stores, environment, signal, share } = options;
  const { clock } = environment;
  const [first] = stores;
  await using _turn = await lockRepository(first, copy.name, clock, signal);
  const repository = await openRepository(copy, environment, signal);
  const of = Math.max(1, Math.round(1 / share));
  const last = readCopyState(first.disk, first.layout, copy.name).checked;
  const part = last?.of === of ? (last.part % of) + 1 : 1;
  const started = clock.now();
  const message = await repository.check({ part, of }, signal);
  const finished = clock.now();
  const time = new Date(finished).toISOString();
  for (const store of stores) await noteCheck(store, copy.name, { part, of, time }, message);
  const status = message === undefined ? 'whole' : 'damaged';
  const seconds = (finished - started) / 1000;
  return { copy: copy.name, part, of, status, seconds, ...(message !== undefined && { message }) };
}

async function noteCheck(
  { disk, layout }: Store,
  copy: string,
  part: Omit<CheckedState, 'right'>,
  message: string | undefined,
): Promise<void> {
  const { checked: last } = readCopyState(disk, layout, copy);
  const before = last?.of === part.of ? last.right : 0;
  const right = message === undefined ? before + 1 : 0;
  await changeCopyState(disk, layout, copy, {
    checked: { ...part, right },
    ...(message !== undefined && { doubtful: { message, time: part.time } }),
    ...(right >= part.of && { doubtful: undefined }),
  });
}
