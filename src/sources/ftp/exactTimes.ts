import type { Folder, FolderConnection } from './folder';
import { momentOf } from './listing/dates';
import type { Listed } from './listing/listed';
import type { Reply } from './reply';

/** So many commands are under way at once: a round trip for all of them, and little memory. */
const batch = 500;

/**
 * Gives files their times to the second, in UTC, by MDTM (RFC 3659, section 3) where the listing is
 * coarser. What MDTM does not tell (folders, links, files that vanish) keeps its coarse time.
 */
export async function withExactTimes(
  connection: FolderConnection,
  folder: Folder,
  entries: readonly Listed[],
): Promise<Listed[]> {
  const exact = [...entries];
  if (!connection.features.modificationTime) return exact;
  const coarse = [...entries.keys()].filter((index) => {
    const entry = exact[index];
    return entry?.type === 'file' && entry.granularity > 1 && !/[\r\n\0]/.test(entry.name);
  });
  const prefix = folder.wirePath === '' ? '/' : `/${folder.wirePath}/`;
  for (let start = 0; start < coarse.length; start += batch) {
    const indexes = coarse.slice(start, start + batch);
    const commands = indexes.map((index) => `MDTM ${prefix}${exact[index]?.name ?? ''}`);
    const replies = await connection.askAll(commands);
    indexes.forEach((index, place) => {
      const entry = exact[index];
      const reply = replies[place];
      if (entry !== undefined && reply !== undefined) exact[index] = timed(entry, reply);
    });
  }
  return exact;
}

function timed(entry: Listed, reply: Reply): Listed {
  const moment = reply.code === 213 ? momentOf((reply.lines[0] ?? '').trim()) : undefined;
  return moment === undefined ? entry : { ...entry, ...moment };
}
