import type { Server } from '../../model/configuration/server';
import { absolute } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { Source } from '../../sources/source';

/**
 * Looks for a file that the rules of `exclude` leave out, of a server of which not one is left.
 * @returns what to tell of it; undefined if there is no file at all
 */
export async function allExcluded(
  source: Source,
  { include, exclude, links }: Server,
  signal: AbortSignal,
): Promise<string | undefined> {
  if (exclude.length === 0) return undefined;
  const all = new Selection(include, [], links);
  for await (const { entry } of source.scan(all, signal)) {
    if (entry?.type !== 'file') continue;
    const example = absolute(entry.path);
    return `Every file is excluded, such as ${example}: not one is left to back up. Look at the rules of "exclude".`;
  }
  return undefined;
}

/** Of a server that has no file in what is included. */
export const noFiles = 'There is not one file in what is included.';
