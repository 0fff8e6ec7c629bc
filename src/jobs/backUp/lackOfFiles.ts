import { BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Source } from '../../sources/source';
import { allExcluded, noFiles } from '../connect/allExcluded';
import type { Planning } from './planning';

/**
 * What is to be said of a run that found not one file; undefined of any other. Throws `configuration` if
 * everything is excluded: a snapshot of nothing would look like a backup.
 */
export async function lackOfFiles(
  source: Source,
  server: Server,
  found: Planning['foundNoFile'],
  signal: AbortSignal,
): Promise<string | undefined> {
  if (found === false) return undefined;
  const excluded = await allExcluded(source, server, signal);
  if (excluded !== undefined && found === 'only folders') {
    throw new BackupError('configuration', `${server.name}: ${excluded}`);
  }
  return excluded ?? noFiles;
}
