import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { silentLog } from '../../src/base/log';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RawServer } from '../../src/model/configuration/schema';
import type { Server } from '../../src/model/configuration/server';
import type { Environment } from '../../src/sources/environment';
import type { Disk } from '../../src/store/disk';
import { Store } from '../../src/store/store';
import { TestClock } from '../sources/testClock';
import { quickDisk } from '../store/storeFixture';
import { Tree } from './tree';

/** A folder of this computer that is served, backed up and restored to, with the store of its backups. */
export class ServedSite implements Disposable {
  readonly place: string;
  readonly clock: TestClock;
  readonly tree: Tree;

  /** @param place of a site that another process has made */
  constructor(place?: string, now?: number) {
    this.place = place ?? fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-site-'));
    this.clock = new TestClock(now);
    this.tree = new Tree(path.join(this.place, 'site'));
  }

  get workspace(): string {
    return path.join(this.place, 'workspace');
  }

  get store(): Store {
    return this.storeOn(quickDisk);
  }

  storeOn(disk: Disk): Store {
    return new Store(path.join(this.workspace, 'backups'), 'test', disk);
  }

  server(changes: Partial<RawServer> = {}): Server {
    const raw = { protocol: 'local', include: [this.tree.root], timeZone: 'UTC', guard: false };
    const text = JSON.stringify({ servers: { test: { ...raw, ...changes } } });
    const parsed = parseConfiguration(text, this.workspace);
    const server = parsed.configuration?.servers.get('test');
    if (!server) throw new Error(parsed.faults.map((fault) => fault.message).join('\n'));
    return server;
  }

  get environment(): Environment {
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    return {
      clock: this.clock,
      log: silentLog,
      credentials: { password: nothing, passphrase: nothing, answers: nothing },
      home: this.workspace,
      agent: undefined,
      user: 'nobody',
    };
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.place, { recursive: true, force: true });
  }
}
