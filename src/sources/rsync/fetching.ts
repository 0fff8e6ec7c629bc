import { abortable } from '../../base/abort';
import type { RemotePath } from '../../model/remotePath';
import type { Sink, Wanted } from '../../model/transfer';
import { WrongSizes } from '../wrongSizes';
import { fetchAgain } from './fileAgain';
import type { Extent } from './listing';
import type { Lists } from './lists';
import { RootFetch, type FetchContext } from './rootFetch';
import type { RsyncServer } from './rsyncServer';

/**
 * Fetches the wanted files root by root, in the order in which they are wanted. What turned out to
 * have changed is asked for again by itself once its root is done.
 */
export async function fetchWanted(
  server: RsyncServer,
  lists: Lists,
  wanted: AsyncIterable<Wanted>,
  sink: Sink,
  signal: AbortSignal,
): Promise<void> {
  const waiting: Wanted[] = [];
  const again = (file: Wanted): void => void waiting.push(file);
  const wrongSizes = new WrongSizes();
  const context: FetchContext = { server, lists, sink, signal, wrongSizes, again };
  const readAgain = async (): Promise<void> => {
    for (const file of waiting.splice(0)) await fetchAgain(context, file);
  };
  const files = wanted[Symbol.asyncIterator]();
  let current: RootFetch | undefined;
  try {
    for (;;) {
      const file = await abortable(files.next(), signal);
      if (file.done) break;
      const root = rootOf(file.value, lists);
      if (current?.root !== root) {
        await current?.finish();
        await readAgain();
        current = new RootFetch(context, root, extentOf(root, server));
      }
      await current.add(file.value);
    }
    await current?.finish();
    await readAgain();
    wrongSizes.tellRest(sink);
  } finally {
    await current?.close();
  }
}

/** A file of no list that is known is a root of its own. */
function rootOf({ entry }: Wanted, lists: Lists): RemotePath {
  const path = entry.readFrom ?? entry.path;
  return lists.rootOf(path) ?? path;
}

/** The root of a server and the modules of a daemon cannot be listed as entries of a folder. */
export function extentOf(root: RemotePath, server: RsyncServer): Extent {
  const isFolderByNature = root === '' || (server.isDaemon && !root.includes('/'));
  return isFolderByNature ? 'content' : 'itself';
}
