import { BackupError } from '../../base/errors';
import type { RestoreReport } from '../../report/restoreReport';
import type { Untold } from '../../report/tell';
import { tellRestore } from '../tell/tellRestore';
import type { TellOptions } from '../tell/tellRun';
import { restore } from './restore';
import type { RestoreOptions } from './restoreOptions';

export interface RestoreAndTellOptions
  extends RestoreOptions, Pick<TellOptions, 'l10n' | 'limits'> {
  /** How the restore itself is made, where more belongs to it. */
  readonly run?: typeof restore;
}

export interface ToldRestore {
  /** What `restore` resolved or rejected with. */
  readonly outcome: PromiseSettledResult<RestoreReport>;
  /** What could not be sent, and why. Nothing is wrong with the restore itself for that. */
  readonly untold: readonly Untold[];
}

/**
 * One restore, and telling how it went, as the server's `report` says. Nobody is told of one that was
 * cancelled, that a run kept from starting, or that was asked for in a wrong way. Never rejects.
 */
export async function restoreAndTell(options: RestoreAndTellOptions): Promise<ToldRestore> {
  const { server, store, run: makeRestore = restore } = options;
  let report: RestoreReport | undefined;
  const making = makeRestore({
    ...options,
    onReport: (found) => {
      options.onReport?.(found);
      report = found;
    },
  });
  const [outcome] = await Promise.allSettled([making]);
  if (!report || (outcome.status === 'rejected' && isNoNews(outcome.reason))) {
    return { outcome, untold: [] };
  }
  return { outcome, untold: await tellRestore(report, server, store, options) };
}

function isNoNews(error: unknown): boolean {
  if (!(error instanceof BackupError)) return false;
  return ['cancelled', 'locked', 'configuration'].includes(error.kind);
}
