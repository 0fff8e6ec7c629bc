import { english } from '../../base/localization';
import type { Server } from '../../model/configuration/server';
import { newsOfRestore } from '../../report/restoreNews';
import type { RestoreReport } from '../../report/restoreReport';
import { tell, type Untold } from '../../report/tell';
import type { Store } from '../../store/store';
import { attachedLog } from './attachedLog';
import { openLog, type TellOptions } from './tellRun';

/**
 * Tells how a restore went, by mail and webhook, as the server's `report` says; what came of it is a line
 * in its log. The monitor is left out: it waits for backups. Resolves with what could not be sent. Never
 * rejects.
 */
export async function tellRestore(
  report: RestoreReport,
  server: Server,
  store: Store,
  options: TellOptions,
): Promise<readonly Untold[]> {
  if (!server.report) return [];
  const { environment, l10n = english } = options;
  const file = store.layout.restoreLog(report.restore);
  const news = newsOfRestore(report, await attachedLog(store, file), l10n);
  using restoreLog = openLog(file, environment);
  const { clock, credentials } = environment;
  const log = restoreLog ?? environment.log;
  const { monitor: _backups, ...told } = server.report;
  return await tell(news, told, { ...options, environment: { clock, credentials, log } });
}
