import { BackupError } from '../../base/errors';
import { copySnapshots } from '../../jobs/copies/copySnapshots';
import type { Copy } from '../../model/configuration/copy';
import type { Server } from '../../model/configuration/server';
import { CopyLine } from '../copyLine';
import { exitCode, worstOf, type ExitCode } from '../exitCodes';
import { failOne } from '../failOne';
import { selectServers } from '../selectServers';
import type { Session } from '../session';
import { copiedEvent, copiedWords } from './copyEvents';

/** `sauvegarde copy [SERVER…] [--to NAME]`: hands over what came since the last copies. */
export async function copyCommand(
  session: Session,
  names: readonly string[],
  to: string | undefined,
): Promise<ExitCode> {
  const { configuration } = session.workspace;
  if (to !== undefined) requireCopy(configuration.copies, to);
  const pairs = copiesOf(selectServers(configuration, names), to);
  if (pairs.length === 0) throw noCopies();
  const codes: ExitCode[] = [];
  for (const { server, copy } of pairs) {
    if (session.signal.aborted) break;
    codes.push(await copyServer(session, server, copy));
  }
  return worstOf(codes);
}

export interface ServerCopy {
  readonly server: Server;
  readonly copy: Copy;
}

/** @param name of a copy; undefined: all */
export function copiesOf(servers: readonly Server[], name: string | undefined): ServerCopy[] {
  return servers.flatMap((server) =>
    (server.copies ?? [])
      .filter((copy) => name === undefined || copy.name === name)
      .map((copy) => ({ server, copy })),
  );
}

/** Throws `configuration` if there is none of this name. */
export function requireCopy(copies: ReadonlyMap<string, Copy>, name: string): Copy {
  const copy = copies.get(name);
  if (copy) return copy;
  const known = [...copies.keys()].join(', ') || 'none';
  throw new BackupError('configuration', `There is no copy "${name}". Configured: ${known}.`);
}

export function noCopies(): BackupError {
  return new BackupError(
    'configuration',
    'No off-site copy is configured for that. Name one under "copies", such as { "name": "nas", "restic": "sftp:backup@nas:/srv/restic" }.',
  );
}

async function copyServer(session: Session, server: Server, copy: Copy): Promise<ExitCode> {
  const { signal, output } = session;
  try {
    using line = CopyLine.show(session, `${server.name} to ${copy.name}`);
    const copied = await copySnapshots({
      ...{ server, copy, signal, store: session.store(server) },
      environment: session.environment(server),
      onProgress: (snapshot, progress) => line?.set(snapshot, progress),
      onCopied: (one) => {
        line?.clear();
        output.result(copiedWords(one), copiedEvent(one));
      },
    });
    line?.clear();
    if (copied.length === 0) output.note(`${server.name}: ${copy.name} has every snapshot already`);
    return exitCode.done;
  } catch (error) {
    return failOne(session, server.name, error);
  }
}
