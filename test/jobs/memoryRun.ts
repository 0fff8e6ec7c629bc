/** Backs up a generated tree of FOLDERS × FILES entries, twice if asked, and prints the peak memory. */
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import { backUp } from '../../src/jobs/backUp/backUp';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { WalkedSource } from '../../src/sources/walkedSource';
import { Store } from '../../src/store/store';
import { GeneratedServer } from './generatedServer';

const [folders = 0, files = 0, runs = 1] = process.argv.slice(2).map(Number);
const workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-memory-'));
const text = JSON.stringify({ servers: { big: { protocol: 'local', include: ['/data'] } } });
const server = parseConfiguration(text, workspace).configuration?.servers.get('big');
if (!server) throw new Error('The configuration is wrong.');
const store = new Store(path.join(workspace, 'backups'), 'big');
const generated = new GeneratedServer(folders, files);
const nothing = (): Promise<undefined> => Promise.resolve(undefined);
const environment = {
  clock: systemClock,
  log: silentLog,
  credentials: { password: nothing, passphrase: nothing, answers: nothing },
  home: workspace,
  agent: undefined,
  user: 'nobody',
};
try {
  for (let run = 0; run < runs; run += 1) {
    await backUp({
      server,
      store,
      environment,
      signal: new AbortController().signal,
      open: () => Promise.resolve(new WalkedSource(generated, systemClock)),
    });
  }
  const { maxRSS } = process.resourceUsage();
  const { lists, reads } = generated;
  console.log(JSON.stringify({ peak: maxRSS * 1024, lists, reads }));
} finally {
  fs.rmSync(workspace, { recursive: true, force: true });
}
