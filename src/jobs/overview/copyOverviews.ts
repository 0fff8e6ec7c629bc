import type { Server } from '../../model/configuration/server';
import type { CopyOverview, ServerOverview } from '../../model/overview/overview';
import { readCopyState } from '../../store/copyStates';
import type { Store } from '../../store/store';

/** How the off-site copies of a server stand, by what is written down of them. */
export function copyOverviews(
  { copies = [] }: Server,
  { disk, layout }: Store,
): Pick<ServerOverview, 'copies'> {
  if (copies.length === 0) return {};
  const overviews = copies.map(({ name }): CopyOverview => {
    const { copied, proven, failed, doubtful } = readCopyState(disk, layout, name);
    const trouble = doubtful?.message ?? failed?.message;
    return {
      name,
      ...(copied && { copied: Date.parse(copied.time) }),
      ...(proven && { proven: Date.parse(proven.time) }),
      ...(trouble !== undefined && { trouble }),
    };
  });
  return { copies: overviews };
}
