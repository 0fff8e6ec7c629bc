import path from 'node:path';
import { BackupError } from '../../base/errors';
import type { Log } from '../../base/log';
import { copyEndpoint, type Copy } from '../../model/configuration/copy';
import { snapshotTime } from '../../model/snapshotId';
import type { Environment } from '../../sources/environment';
import type {
  AddedCopy,
  CheckedPart,
  CopyProgress,
  CopyRecord,
  CopyRepository,
  Handover,
  Return,
} from '../copyRepository';
import { failureOf, passwordAdvice } from './failure';
import { addedOf, ownTag, parseMessage, progressOf, recordsIn, tagsOf } from './messages';
import { patternOf } from './patterns';
import { runProcess, type ProcessResult } from './process';
import { findProgram, type Program } from './program';
import { hasPassword, resticVariables } from './variables';

/** restic itself tries for a quarter of an hour to reach a repository. Milliseconds. */
const longestSilence = 30 * 60_000;
const longestWork = 24 * 3_600_000;
/** What says nothing while it is at work. */
const quietly = { silence: longestWork, whole: longestWork };

/** Nobody who has cancelled wants to wait. */
const longestUnlocking = 10_000;
const briefly = { silence: longestUnlocking, whole: longestUnlocking };

export interface RepositoryEnvironment extends Pick<Environment, 'clock' | 'log' | 'credentials'> {
  /** The environment of this process, if it is not the one that restic is to see. */
  readonly variables?: NodeJS.ProcessEnv;
}

/** Opens the repository of a copy: finds restic and its password, and asks the repository nothing yet. */
export async function openRepository(
  copy: Copy,
  environment: RepositoryEnvironment,
  signal: AbortSignal,
): Promise<CopyRepository> {
  const variables = environment.variables ?? process.env;
  const program = await findProgram(variables, signal);
  const password = await environment.credentials.password(copyEndpoint(copy));
  if (password === undefined && !hasPassword(variables)) {
    throw new BackupError(
      'authentication',
      `There is no password for the copy "${copy.name}" (${copy.repository}). ${passwordAdvice(copy.name)}`,
      { scope: 'run' },
    );
  }
  const own = resticVariables(variables, copy.repository, password);
  return new ResticRepository(copy, program, own, environment.log);
}

class ResticRepository implements CopyRepository {
  readonly #copy: Copy;
  readonly #program: Program;
  readonly #variables: NodeJS.ProcessEnv;
  readonly #log: Log;

  constructor(copy: Copy, program: Program, variables: NodeJS.ProcessEnv, log: Log) {
    this.#copy = copy;
    this.#program = program;
    this.#variables = variables;
    this.#log = log;
  }

  async create(signal: AbortSignal): Promise<void> {
    await this.#run(['init'], signal);
  }

  async copies(server: string | undefined, signal: AbortSignal): Promise<CopyRecord[]> {
    const host = server === undefined ? [] : ['--host', server];
    const { out } = await this.#run(['snapshots', '--json', '--tag', ownTag, ...host], signal);
    return recordsIn(out).sort((a, b) => (a.snapshot < b.snapshot ? 1 : -1));
  }

  async add(
    handover: Handover,
    signal: AbortSignal,
    onProgress?: (progress: CopyProgress) => void,
  ): Promise<AddedCopy> {
    const { folder, beside } = handover;
    const targets = ['.', ...beside.map((place) => path.relative(folder, place))];
    let added: AddedCopy | undefined;
    const result = await this.#try([...backupArguments(handover), '--', ...targets], signal, {
      cwd: folder,
      onMessage: (message) => (added = addedOf(message) ?? added),
      ...(onProgress && { onProgress }),
    });
    if (result.code === 0 && added) return added;
    const failure = failureOf(result, this.#copy.name, this.#copy.repository);
    // What could not be read as a whole is no copy.
    if (added) await this.#run(['forget', added.id], signal).catch(() => undefined);
    throw failure;
  }

  async remove(copies: readonly CopyRecord[], signal: AbortSignal): Promise<void> {
    if (copies.length === 0) return;
    await this.#run(['forget', '--prune', ...copies.map(({ id }) => id)], signal);
  }

  async check({ part, of }: CheckedPart, signal: AbortSignal): Promise<string | undefined> {
    const args = ['check', `--read-data-subset=${part}/${of}`];
    const result = await this.#try(args, signal);
    if (result.code === 0) return undefined;
    const failure = failureOf(result, this.#copy.name, this.#copy.repository);
    // Whatever keeps it from reading says nothing of the content.
    if (failure.kind === 'protocol' && result.code !== undefined) return failure.message;
    throw failure;
  }

  async bringBeside(copy: CopyRecord, target: string, signal: AbortSignal): Promise<void> {
    // Beside a `.sauvegarde` of the server itself, restic has given ours a number.
    const names = [`snapshots/${copy.snapshot}.ndjson`, 'pins', 'notes'];
    const includes = names.flatMap((name) => ['--include', `/.sauvegarde*/${name}`]);
    await this.#run(['restore', copy.id, '--target', target, ...includes], signal);
  }

  async bring(copy: CopyRecord, wanted: Return, signal: AbortSignal): Promise<void> {
    const includes = (wanted.paths ?? []).flatMap((one) => ['--include', patternOf(one)]);
    const args = ['restore', copy.id, '--json', '--target', wanted.target, ...includes];
    const result = await this.#try(args, signal, {
      ...(wanted.onProgress && { onProgress: wanted.onProgress }),
      limits: quietly,
    });
    if (result.code === 0) return;
    // Files that came not, or not whole, are found by their digests: they are told one by one.
    const failure = failureOf(result, this.#copy.name, this.#copy.repository);
    if (failure.kind !== 'protocol' && failure.kind !== 'permission') throw failure;
    if (result.code === undefined) throw failure;
    this.#log.warn(failure.message);
  }

  /** Throws what it came to unless it went well. */
  async #run(args: readonly string[], signal: AbortSignal): Promise<ProcessResult> {
    const result = await this.#try(args, signal);
    if (result.code === 0) return result;
    throw failureOf(result, this.#copy.name, this.#copy.repository);
  }

  /**
   * Runs it, and once more where a lock was in the way that nobody holds any more: restic itself only
   * removes one when it is asked to, and then only those of processes that are gone.
   */
  async #try(args: readonly string[], signal: AbortSignal, how: How = {}): Promise<ProcessResult> {
    const result = await this.#runOnce(args, signal, how);
    const { name, repository } = this.#copy;
    // Whoever killed it has left its lock there.
    if (result.code === undefined) await this.#runOnce(['unlock'], signal, {});
    if (result.code === 0 || failureOf(result, name, repository).kind !== 'locked') return result;
    await this.#runOnce(['unlock'], signal, {});
    return await this.#runOnce(args, signal, how);
  }

  async #runOnce(args: readonly string[], signal: AbortSignal, how: How): Promise<ProcessResult> {
    const { cwd, onMessage, onProgress, limits } = how;
    const [file, variables] = [this.#program.file, this.#variables];
    this.#log.debug(`restic ${args[0] ?? ''} for the copy ${this.#copy.name}`);
    let before = '';
    const onLine = (line: string): boolean => {
      const message = parseMessage(line);
      if (!message) return true;
      onMessage?.(message);
      const progress = progressOf(message);
      if (!progress) return true;
      onProgress?.(progress);
      const now = JSON.stringify(progress);
      const isFurther = now !== before;
      before = now;
      return isFurther;
    };
    const folder = path.dirname(file);
    const result = await runProcess({
      ...{ file, args, variables, signal, onLine, cwd: cwd ?? folder },
      limits: limits ?? (onProgress ? { silence: longestSilence, whole: longestWork } : quietly),
    }).catch(async (error: unknown) => {
      // Ended while it was locking, it leaves its lock there.
      const left = { signal: AbortSignal.timeout(longestUnlocking), limits: briefly };
      const unlocking = runProcess({ file, args: ['unlock'], variables, cwd: folder, ...left });
      await unlocking.catch(() => undefined);
      throw error;
    });
    for (const line of result.error.split('\n'))
      if (line !== '') this.#log.debug(`restic: ${line}`);
    return result;
  }
}

interface How {
  readonly cwd?: string;
  readonly onMessage?: (message: Readonly<Record<string, unknown>>) => void;
  readonly onProgress?: (progress: CopyProgress) => void;
  readonly limits?: Parameters<typeof runProcess>[0]['limits'];
}

function backupArguments(handover: Handover): string[] {
  const { server, endpoint, snapshot, parent, compare, bandwidth } = handover;
  const time = new Date(snapshotTime(snapshot)).toISOString().slice(0, 19).replace('T', ' ');
  // Our own linking gives each file a new ctime with every snapshot.
  const ignored = { inode: ['--ignore-ctime'], time: ['--ignore-ctime', '--ignore-inode'] };
  const isReadAll = compare === 'content' || !parent;
  return [
    ...['backup', '--json', '--host', server, '--time', time],
    ...tagsOf(snapshot, endpoint).flatMap((tag) => ['--tag', tag]),
    ...(isReadAll ? ['--force'] : ['--parent', parent.id, ...ignored[compare]]),
    ...(bandwidth === undefined
      ? []
      : ['--limit-upload', String(Math.max(1, Math.floor(bandwidth / 1024)))]),
  ];
}
