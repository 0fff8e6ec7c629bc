import { BackupError } from '../base/errors';
import type { Entry } from '../model/entry';
import { parentOf, type RemotePath } from '../model/remotePath';
import type { FileServer } from './fileServer';

/** As many as Linux follows before it gives up (SYMLOOP_MAX). */
const mostLinks = 40;

/**
 * What a symlink leads to in the end, as an entry at its own real path; undefined if it dangles,
 * loops or leads above the root. Targets are resolved as text, so that it works on every protocol.
 */
export async function followLink(
  server: FileServer,
  link: Entry,
  signal: AbortSignal,
): Promise<Entry | undefined> {
  let current = link;
  for (let hops = 0; hops < mostLinks && current.type === 'symlink'; hops += 1) {
    const path =
      current.target === undefined ? undefined : resolveTarget(current.path, current.target);
    if (path === undefined) return undefined;
    try {
      current = await server.stat(path, signal);
    } catch (error) {
      if (error instanceof BackupError && error.scope === 'entry' && !error.transient)
        return undefined;
      throw error;
    }
  }
  return current.type === 'symlink' ? undefined : current;
}

/** The path that a link's target means, or undefined if it climbs above the root. */
export function resolveTarget(link: RemotePath, target: string): RemotePath | undefined {
  const names = target.startsWith('/') ? [] : parentOf(link).split('/').filter(Boolean);
  for (const name of target.split('/')) {
    if (name === '..') {
      if (names.pop() === undefined) return undefined;
    } else if (name !== '' && name !== '.') {
      names.push(name);
    }
  }
  return names.join('/') as RemotePath;
}
