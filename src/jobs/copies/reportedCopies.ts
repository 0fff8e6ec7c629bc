import type { Server } from '../../model/configuration/server';
import type { ReportedCopy, RunReport } from '../../report/runReport';
import { readCopyState } from '../../store/copyStates';
import type { Store } from '../../store/store';

/** How the off-site copies of a server stand, for the report of a run: what came of the runs before it. */
export function reportedCopies(
  { copies = [] }: Pick<Server, 'copies'>,
  { disk, layout }: Store,
): Pick<RunReport, 'copies'> {
  if (copies.length === 0) return {};
  const reported = copies.map(({ name }): ReportedCopy => {
    const { copied, failed, proven, doubtful } = readCopyState(disk, layout, name);
    return {
      name,
      ...(copied && { copied }),
      ...(failed && { failed }),
      ...(proven && { proven }),
      ...(doubtful && { doubtful }),
    };
  });
  return { copies: reported };
}
