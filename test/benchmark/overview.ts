import path from 'node:path';
import type { Clock } from '../../src/base/clock';
import { systemClock } from '../../src/base/clock';
import { english } from '../../src/base/localization';
import { overviewOf } from '../../src/jobs/overview/overviewOf';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { fileLinks } from '../../src/report/overview/fileLinks';
import { overviewPage } from '../../src/report/overview/overviewPage';
import { Store } from '../../src/store/store';
import { makeManyServers, serverName } from '../overview/manyServers';

/**
 * The overview of many servers with a run a day: the first one reads every report and manifest, the next
 * ones what was kept of them. What holds up the thread longest is what an editor would notice.
 */
export async function measureOverview(
  folder: string,
  servers: number,
  runs: number,
): Promise<Record<string, unknown>[]> {
  const now = systemClock.now();
  const destination = path.join(folder, 'backups');
  await makeManyServers({ destination, servers, runs, files: 1000, now, folders: true });
  const rows = [];
  for (const reading of ['first', 'again', 'once more']) {
    rows.push({ servers, runs, reading, ...(await measured(folder, servers)) });
  }
  return rows;
}

async function measured(folder: string, servers: number): Promise<Record<string, unknown>> {
  const names = Array.from({ length: servers }, (_none, number) => serverName(number));
  const minute = (number: number): string => `${number % 60} 5 * * *`;
  const raw = names.map((name, number) => [
    name,
    { protocol: 'local', include: ['/var/www'], schedule: minute(number) },
  ]);
  const text = JSON.stringify({ servers: Object.fromEntries(raw) as unknown });
  const { configuration } = parseConfiguration(text, folder);
  if (!configuration) throw new Error('a wrong configuration');
  const storeOf = (name: string): Store => new Store(configuration.destination, name);
  const clock: Clock = systemClock;
  const blocks = new LongestBlock();
  const worked = process.cpuUsage();
  const begun = performance.now();
  const overview = await overviewOf({
    servers: [...configuration.servers.values()],
    storeOf: ({ name }) => storeOf(name),
    ...{ clock, signal: new AbortController().signal, mayWrite: true },
  });
  const read = performance.now();
  const links = fileLinks(folder, (name) => storeOf(name).layout);
  const page = await overviewPage(overview, { l10n: english, language: 'en-GB', links });
  const made = performance.now();
  blocks.stop();
  const { user, system } = process.cpuUsage(worked);
  return {
    'read s': seconds(read - begun),
    'made s': seconds(made - read),
    'in all s': seconds(made - begun),
    'processor s': seconds((user + system) / 1000),
    'longest block ms': Math.round(blocks.longest),
    'page MB': Math.round(page.length / 1e5) / 10,
  };
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds / 10) / 100;
}

/**
 * How long the thread was busy at most, from one turn of its loop to the next. A busy machine makes each turn
 * longer, but not the work in it.
 */
class LongestBlock {
  longest = 0;
  #since = performance.now();
  #worked = process.cpuUsage();
  #isStopped = false;

  constructor() {
    this.#turn();
  }

  stop(): void {
    this.#isStopped = true;
    this.#look();
  }

  #turn(): void {
    setImmediate(() => {
      this.#look();
      if (!this.#isStopped) this.#turn();
    });
  }

  #look(): void {
    const { user, system } = process.cpuUsage(this.#worked);
    const waited = performance.now() - this.#since;
    this.longest = Math.max(this.longest, Math.min(waited, (user + system) / 1000));
    this.#worked = process.cpuUsage();
    this.#since = performance.now();
  }
}
