/**
 * Restores a snapshot of a changed site and kills itself before the N-th operation of the target or the
 * disk. One that comes to its end prints how many there were.
 */
import { restore } from '../../src/jobs/restore/restore';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { systemClock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import { Store } from '../../src/store/store';
import { openLocalTarget } from '../../src/targets/disk/openDiskTarget';
import { watchedDisk } from '../store/watchedDisk';
import { watchedTarget } from './watchedTarget';

const [workspace = '', root = '', snapshot = '', wanted = '', first = '1'] = process.argv.slice(2);
let operations = 0;
const step = (operation: string, about: string): void => {
  if (wanted !== '' && !`${operation} ${about}`.includes(wanted)) return;
  operations += 1;
  if (operations === Number(first)) process.kill(process.pid, 'SIGKILL');
};
const text = JSON.stringify({
  servers: { test: { protocol: 'local', include: [`${root}/site`] } },
});
const server = parseConfiguration(text, workspace).configuration?.servers.get('test');
if (!server) throw new Error('The configuration is wrong.');
const store = new Store(`${workspace}/backups`, 'test', watchedDisk(step));
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
await restore({
  ...{ server, store, snapshot, paths: [], to: { server, store }, delete: true },
  environment: {
    clock: systemClock,
    log: silentLog,
    credentials: { password: nothing, passphrase: nothing, answers: nothing },
    home: workspace,
    agent: undefined,
    user: 'nobody',
  },
  signal: new AbortController().signal,
  confirm: () => Promise.resolve(true),
  open: () => Promise.resolve(watchedTarget(openLocalTarget('local://'), step)),
});
console.log(operations);
