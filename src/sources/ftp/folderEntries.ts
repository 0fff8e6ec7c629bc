import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { absolute, childPath, type RemotePath } from '../../model/remotePath';
import type { OnUnknown } from '../fileServer';
import type { Folder } from './folder';
import type { FolderContent } from './listFolder';
import type { Listed } from './listing/listed';
import { partlyUnknown } from './unknownParts';
import type { WireNames } from './wireNames';

/**
 * The entries of a folder as `FileServer.list` gives them. Names that could lead out of the folder are
 * refused, each by itself; the rest of the folder goes on.
 */
export function folderEntries(
  folder: Folder,
  { entries, unknown, strange }: FolderContent,
  names: WireNames,
  onUnknown: OnUnknown = raise,
): Entry[] {
  const refused: string[] = [];
  const pathOf = (name: string): RemotePath | undefined => {
    try {
      return childPath(folder.path, names.fromWire(withoutFolder(name, folder)));
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      refused.push(error.message);
      return undefined;
    }
  };
  const found: Entry[] = [];
  for (const entry of entries) {
    const path = pathOf(entry.name);
    if (path !== undefined) found.push(entryAt(path, entry, names));
  }
  for (const name of unknown) {
    const path = pathOf(name);
    if (path !== undefined) onUnknown({ path, error: nothingShown(path) });
  }
  if (refused.length + strange.length > 0) {
    onUnknown({ error: partlyUnknown(folder, strange, refused) });
  }
  return found;
}

function raise({ error }: Parameters<OnUnknown>[0]): never {
  throw error;
}

function entryAt(path: RemotePath, entry: Listed, names: WireNames): Entry {
  const { name: _name, either: _either, target, ...rest } = entry;
  if (target === undefined) return { ...rest, path };
  return { ...rest, path, target: names.fromWire(target) };
}

/** Some servers list whole paths. */
function withoutFolder(name: string, { wirePath }: Folder): string {
  const prefix = wirePath === '' ? '/' : `/${wirePath}/`;
  const rest = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return rest === '' || rest.includes('/') ? name : rest;
}

function nothingShown(path: RemotePath): BackupError {
  const message = `The server lists ${absolute(path)} without saying what it is, and shows nothing of it when asked.`;
  return new BackupError('protocol', message);
}
