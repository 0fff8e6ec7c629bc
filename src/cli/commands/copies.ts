import path from 'node:path';
import { BackupError } from '../../base/errors';
import { openRepository } from '../../copies/restic/resticRepository';
import { checkCopy, type CheckOptions } from '../../jobs/copies/checkCopy';
import { recover, type Recovered } from '../../jobs/copies/recover';
import { rehearse } from '../../jobs/copies/rehearse';
import type { Copy } from '../../model/configuration/copy';
import type { Server } from '../../model/configuration/server';
import { absolute } from '../../model/remotePath';
import { snapshotTime } from '../../model/snapshotId';
import { bytesText, countText, durationText } from '../../report/figures';
import { Store } from '../../store/store';
import { CopyLine } from '../copyLine';
import { exitCode, worstOf, type ExitCode } from '../exitCodes';
import { failOne } from '../failOne';
import { shown } from '../output';
import { selectServer, selectServers } from '../selectServers';
import type { Session } from '../session';
import { copiesOf, noCopies, requireCopy, type ServerCopy } from './copy';
import { rehearsedEvent, rehearsedWords } from './copyEvents';

/** `sauvegarde copies create NAME`: makes the repository. */
export async function createCommand(session: Session, name: string): Promise<ExitCode> {
  const copy = requireCopy(session.workspace.configuration.copies, name);
  const environment = session.copyEnvironment(copy);
  const repository = await openRepository(copy, environment, session.signal);
  await repository.create(session.signal);
  const { repository: address } = copy;
  session.output.result(
    `${name}: the repository ${address} is made. Keep its password elsewhere as well: without it, nobody can read the copies.`,
    { event: 'created', copy: name, repository: address },
  );
  return exitCode.done;
}

/** `sauvegarde copies list [SERVER…]`: what the repositories have, newest first. */
export async function listCopiesCommand(
  session: Session,
  names: readonly string[],
): Promise<ExitCode> {
  const servers = selectServers(session.workspace.configuration, names);
  const pairs = copiesOf(servers, undefined);
  if (pairs.length === 0) throw noCopies();
  const copies = new Map(pairs.map(({ copy }) => [copy.name, copy]));
  const codes: ExitCode[] = [];
  for (const copy of copies.values()) {
    const wanted = pairs.filter((pair) => pair.copy.name === copy.name);
    codes.push(
      await each(session, copy.name, () =>
        listCopy(
          session,
          copy,
          wanted.map(({ server }) => server.name),
        ),
      ),
    );
  }
  return worstOf(codes);
}

async function listCopy(
  session: Session,
  copy: Copy,
  servers: readonly string[],
): Promise<ExitCode> {
  const { output, signal } = session;
  const repository = await openRepository(copy, session.copyEnvironment(copy), signal);
  const records = await repository.copies(undefined, signal);
  for (const server of servers) {
    const own = records.filter((record) => record.server === server);
    if (own.length === 0) output.note(`${server}: nothing in ${copy.name} yet`);
    for (const { snapshot, id } of own) {
      const time = new Date(snapshotTime(snapshot)).toISOString();
      output.result(`${server}  ${snapshot}  ${copy.name}  ${id.slice(0, 8)}`, {
        ...{ event: 'copy', server, snapshot, copy: copy.name, id, time },
      });
    }
  }
  return exitCode.done;
}

/** `sauvegarde copies rehearse [NAME…]`: brings a random part of each server's copies back, and proves it. */
export async function rehearseCommand(
  session: Session,
  names: readonly string[],
): Promise<ExitCode> {
  const codes: ExitCode[] = [];
  for (const { server, copy } of pairsOf(session, names)) {
    codes.push(await each(session, server.name, () => rehearseCopy(session, server, copy)));
  }
  return worstOf(codes);
}

async function rehearseCopy(session: Session, server: Server, copy: Copy): Promise<ExitCode> {
  const { signal, output } = session;
  const found = await rehearse({
    ...{ server, copy, signal, store: session.store(server) },
    environment: session.environment(server),
  });
  output.result(rehearsedWords(found), rehearsedEvent(found));
  return found.status === 'whole' ? exitCode.done : exitCode.damaged;
}

/** `sauvegarde copies check [NAME…] [--sample N%]`: looks at each repository, and reads a part of it again. */
export async function checkCopiesCommand(
  session: Session,
  names: readonly string[],
  share: number,
): Promise<ExitCode> {
  const pairs = pairsOf(session, names);
  const copies = new Map(pairs.map(({ copy }) => [copy.name, copy]));
  const codes: ExitCode[] = [];
  for (const copy of copies.values()) {
    const own = pairs.filter((pair) => pair.copy.name === copy.name);
    const [first, ...others] = own.map(({ server }) => session.store(server));
    if (!first) continue;
    const stores = [first, ...others] as const;
    codes.push(await each(session, copy.name, () => checkOne(session, { copy, stores, share })));
  }
  return worstOf(codes);
}

async function checkOne(
  session: Session,
  wanted: Pick<CheckOptions, 'copy' | 'stores' | 'share'>,
): Promise<ExitCode> {
  const { signal, output } = session;
  const environment = session.copyEnvironment(wanted.copy);
  const found = await checkCopy({ ...wanted, environment, signal });
  const { copy, part, of, status, message, seconds } = found;
  const verdict = status === 'whole' ? 'is right' : `is DAMAGED: ${message ?? ''}`;
  output.result(`${copy}: part ${part} of ${of} ${verdict}, read in ${durationText(seconds)}`, {
    event: 'copy-checked',
    ...found,
  });
  return status === 'whole' ? exitCode.done : exitCode.damaged;
}

/** Throws `configuration` if a name is none, or there is no copy at all. */
function pairsOf(session: Session, names: readonly string[]): ServerCopy[] {
  const { configuration } = session.workspace;
  for (const name of names) requireCopy(configuration.copies, name);
  const pairs = copiesOf([...configuration.servers.values()], undefined);
  if (pairs.length === 0) throw noCopies();
  return pairs.filter(({ copy }) => names.length === 0 || names.includes(copy.name));
}

export interface RecoverArguments {
  readonly all?: boolean;
  readonly from?: string;
  readonly to?: string;
}

/** `sauvegarde copies recover SERVER [SNAPSHOT | --all] [--from NAME] [--to DIR]`: rebuilds snapshots from a repository. */
export async function recoverCommand(
  session: Session,
  name: string,
  snapshot: string | undefined,
  { all, from, to }: RecoverArguments,
): Promise<ExitCode> {
  const { signal, output } = session;
  const server = selectServer(session.workspace.configuration, name);
  const copy = copyToRecoverFrom(server, from);
  const store = to === undefined ? session.store(server) : new Store(path.resolve(to), server.name);
  using line = CopyLine.show(session, `${name} from ${copy.name}`);
  const recovered = await recover({
    ...{ server, store, copy, signal },
    environment: session.environment(server),
    wanted: all === true ? 'all' : (snapshot ?? 'latest'),
    onProgress: (id, progress) => line?.set(id, progress),
    onRecovered: (one) => {
      line?.clear();
      printRecovered(session, one);
    },
  });
  line?.clear();
  if (recovered.length === 0) output.note(`${name}: all of that is there already`);
  const isDamaged = recovered.some(({ status }) => status === 'damaged');
  return isDamaged ? exitCode.damaged : exitCode.done;
}

function printRecovered(session: Session, one: Recovered): void {
  const { server, snapshot, copy, files, bytes, status, damage } = one;
  const what = `${countText(files, 'file')}, ${bytesText(bytes)}`;
  const lines = [
    `${server}  ${snapshot}  recovered from ${copy}: ${what}, ${status === 'whole' ? 'every digest is right' : 'DAMAGED'}`,
    ...damage.map(({ path: place, kind }) => `  ${kind.padEnd(8)} ${shown(absolute(place))}`),
  ];
  const event = { event: 'recovered', server, snapshot, copy, files, bytes, status };
  session.output.result(lines.join('\n'), event);
}

function copyToRecoverFrom(server: Server, from: string | undefined): Copy {
  const copies = new Map((server.copies ?? []).map((copy) => [copy.name, copy]));
  if (from !== undefined) return requireCopy(copies, from);
  const [copy, ...others] = copies.values();
  if (!copy) throw noCopies();
  if (others.length === 0) return copy;
  const names = [...copies.keys()].join(', ');
  throw new BackupError(
    'configuration',
    `${server.name} has several copies: say which with --from (${names}).`,
  );
}

/** One repository that cannot be reached must not hide the others. */
async function each(
  session: Session,
  name: string,
  work: () => Promise<ExitCode>,
): Promise<ExitCode> {
  if (session.signal.aborted) return exitCode.cancelled;
  try {
    return await work();
  } catch (error) {
    return failOne(session, name, error);
  }
}
