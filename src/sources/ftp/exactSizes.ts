import type { Folder, FolderConnection } from './folder';
import type { Listed } from './listing/listed';
import { sizeIn } from './listing/sizes';
import { canBeSaid, wirePathOf } from './lookAt';
import { isUnknownCommand } from './refusal';

/** So many commands are under way at once: a round trip for all of them, and little memory. */
const batch = 500;

/**
 * Gives files of which the listing tells no size the one that SIZE tells (RFC 3659, section 4). What
 * that does not tell either stays without: such a file is read to its end.
 */
export async function withSizes(
  connection: FolderConnection,
  folder: Folder,
  entries: readonly Listed[],
): Promise<Listed[]> {
  const sized = [...entries];
  const open = [...sized.keys()].filter((index) => {
    const entry = sized[index];
    return entry?.type === 'file' && entry.size === undefined && canBeSaid(entry.name);
  });
  for (let start = 0; start < open.length; start += batch) {
    const indexes = open.slice(start, start + batch);
    const replies = await connection.askAll(
      indexes.map((index) => `SIZE ${wirePathOf(folder, sized[index]?.name ?? '')}`),
    );
    indexes.forEach((index, place) => {
      const [entry, reply] = [sized[index], replies[place]];
      const size = reply?.code === 213 ? sizeIn(reply.lines[0]?.trim()) : undefined;
      if (entry !== undefined && size !== undefined) sized[index] = { ...entry, size };
    });
    if (replies.every(isUnknownCommand)) break;
  }
  return sized;
}
