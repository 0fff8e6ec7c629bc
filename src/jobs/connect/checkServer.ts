import { withWarnings } from '../../base/log';
import type { Server } from '../../model/configuration/server';
import { absolute, rootPath, textOf } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { SkippedEntry } from '../../report/runReport';
import type { Environment } from '../../sources/environment';
import type { Source } from '../../sources/source';
import { allExcluded, noFiles } from './allExcluded';
import { openSource } from './openSource';

/** What a backup of a server would meet. */
export interface CheckResult {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  /** Special files: recorded, never opened. */
  readonly others: number;
  readonly bytes: number;
  readonly skipped: readonly SkippedEntry[];
  /** The modules of an rsync daemon: the first folders that a path can name. */
  readonly modules?: readonly string[];
  /** What the person should know of the connection. */
  readonly warnings: readonly string[];
}

/** Logs in and lists the selection, without fetching a file or touching the store. */
export async function checkServer(
  server: Server,
  environment: Environment,
  signal: AbortSignal,
): Promise<CheckResult> {
  const warnings: string[] = [];
  const log = withWarnings(environment.log, (message) => warnings.push(message));
  await using source = await openSource(server, { ...environment, log }, signal);
  const isDaemon = server.protocol === 'rsync' && server.via === 'daemon';
  const modules = isDaemon ? await modulesOf(source, signal) : undefined;
  const counts = { file: 0, directory: 0, symlink: 0, other: 0 };
  const skipped: SkippedEntry[] = [];
  let bytes = 0;
  for await (const scanned of source.scan(Selection.of(server), signal)) {
    if (scanned.error) {
      const { kind, message } = scanned.error;
      skipped.push({ path: absolute(scanned.path), kind, message });
    } else {
      if (scanned.partly) {
        const { kind, message } = scanned.partly;
        skipped.push({ path: absolute(scanned.entry.path), kind, message });
      }
      // The root is no entry.
      if (scanned.entry.path === '') continue;
      counts[scanned.entry.type] += 1;
      bytes += scanned.entry.size ?? 0;
    }
  }
  if (counts.file === 0 && skipped.length === 0) {
    warnings.push((await allExcluded(source, server, signal)) ?? noFiles);
  }
  return {
    files: counts.file,
    directories: counts.directory,
    symlinks: counts.symlink,
    others: counts.other,
    bytes,
    skipped,
    warnings,
    ...(modules && { modules }),
  };
}

async function modulesOf(source: Source, signal: AbortSignal): Promise<string[]> {
  const names: string[] = [];
  for await (const { path } of source.list(rootPath, signal)) names.push(textOf(path));
  return names;
}
