import path from 'node:path';
import { systemClock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import { backUp } from '../../src/jobs/backUp/backUp';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { SnapshotId } from '../../src/model/snapshotId';
import { Store } from '../../src/store/store';
import type { Stage } from './stage';

/**
 * A snapshot of a server of the stage's configuration, made by the engine without a window.
 * @param at its date, in milliseconds since 1970; the files must be older
 */
export async function makeSnapshot(
  stage: Stage,
  name: string,
  password?: string,
  at?: number,
): Promise<SnapshotId> {
  const { configuration } = parseConfiguration(stage.configuration, stage.workspace);
  const server = configuration?.servers.get(name);
  if (!server) throw new Error('The configuration of the test is wrong.');
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  const { snapshot } = await backUp({
    server,
    store: new Store(path.join(stage.workspace, 'backups'), name),
    environment: {
      clock: at === undefined ? systemClock : { ...systemClock, now: () => at },
      log: silentLog,
      credentials: {
        password: () => Promise.resolve(password),
        passphrase: nothing,
        answers: nothing,
      },
      home: stage.workspace,
      agent: undefined,
      user: 'nobody',
    },
    signal: new AbortController().signal,
  });
  return snapshot;
}
