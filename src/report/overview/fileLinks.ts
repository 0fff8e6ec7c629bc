import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RemotePath } from '../../model/remotePath';
import type { Layout } from '../../store/layout';
import type { OverviewLinks } from './frame';

/**
 * Links to the files of the stores, for a page that stands in a folder of the same disk: the report as JSON,
 * and the folders as they lie there.
 * @param folder of the page, as an absolute path
 */
export function fileLinks(folder: string, layoutOf: (server: string) => Layout): OverviewLinks {
  const known = new Map<string, { readonly root: string; readonly runs: string }>();
  const placesOf = (server: string): { readonly root: string; readonly runs: string } => {
    const layout = layoutOf(server);
    const places = {
      root: relativeAddress(folder, layout.root),
      runs: relativeAddress(folder, layout.runs),
    };
    known.set(server, places);
    return places;
  };
  const to = (server: string): { readonly root: string; readonly runs: string } =>
    known.get(server) ?? placesOf(server);
  return {
    report: (server, run) => `${to(server).runs}/${run}.json`,
    snapshot: (server, snapshot) => `${to(server).root}/${snapshot}/`,
    folder: (server, snapshot, inside) =>
      `${to(server).root}/${snapshot}/${inside === '' ? '' : `${escapedBytes(inside)}/`}`,
  };
}

function relativeAddress(folder: string, place: string): string {
  const relative = path.relative(folder, place);
  // Of another drive of Windows.
  if (path.isAbsolute(relative)) return pathToFileURL(place).href;
  const names = relative.split(path.sep).map(encodeURIComponent);
  // Without its beginning, a name with a colon would pass for another kind of address.
  return ['.', ...names].join('/');
}

/** A path of bytes: also names that are not UTF-8 lead to where they stand. */
function escapedBytes(bytes: RemotePath): string {
  return bytes.replaceAll(
    /[^A-Za-z0-9\-._~/]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}
