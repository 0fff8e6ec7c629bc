import { BackupError } from '../../base/errors';
import type { ManifestEntry } from '../../model/manifest';
import { absolute, isWithin, remotePath, textOf } from '../../model/remotePath';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import type { Session } from '../session';
import { selectServer } from '../selectServers';
import { selectSnapshot } from '../selectSnapshot';

/** `sauvegarde ls SERVER SNAPSHOT [PATH]`: everything at and below the path. */
export async function lsCommand(
  session: Session,
  name: string,
  snapshot: string,
  path: string | undefined,
): Promise<ExitCode> {
  const server = selectServer(session.workspace.configuration, name);
  const store = session.store(server);
  const id = await selectSnapshot(store, name, snapshot);
  const below = remotePath(path ?? '');
  let listed = 0;
  for await (const entry of store.entries(id)) {
    if (!isWithin(entry.path, below)) continue;
    listed += 1;
    session.output.result(lineOf(entry), eventOf(entry));
  }
  if (listed > 0 || path === undefined) return exitCode.done;
  throw new BackupError('not-found', `${id} holds no ${path}.`);
}

const letters = { file: '-', directory: 'd', symlink: 'l', other: '?' } as const;

function lineOf(entry: ManifestEntry): string {
  const kind = `${letters[entry.type]}${permissions(entry.mode)}`;
  const size = (entry.size === undefined ? '' : String(entry.size)).padStart(12);
  const time =
    entry.mtime === undefined ? '' : new Date(entry.mtime * 1000).toISOString().slice(0, 19);
  const target = entry.target === undefined ? '' : ` -> ${shown(textOf(entry.target))}`;
  const skipped = entry.skipped ? `  [skipped: ${entry.skipped.kind}]` : '';
  const carried = entry.carried === undefined ? '' : `  [carried over from ${entry.carried}]`;
  const path = `${shown(absolute(entry.path))}${target}`;
  return `${kind} ${size} ${time.padEnd(19)} ${path}${skipped}${carried}`;
}

/** `rwxr-x---`, or question marks where the protocol tells no mode. */
function permissions(mode: number | undefined): string {
  if (mode === undefined) return '?????????';
  return Array.from('rwxrwxrwx', (letter, bit) => ((mode >> (8 - bit)) & 1 ? letter : '-')).join(
    '',
  );
}

function eventOf(entry: ManifestEntry): Record<string, unknown> {
  const { path, target, local, ...fields } = entry;
  return {
    event: 'entry',
    path: absolute(path),
    ...fields,
    ...(target !== undefined && { target: textOf(target) }),
    ...(local !== undefined && { local: textOf(local) }),
  };
}
