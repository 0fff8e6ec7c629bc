import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import type { Log } from '../../src/base/log';
import { systemClock } from '../../src/base/clock';
import { backUp } from '../../src/jobs/backUp/backUp';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { RawServer } from '../../src/model/configuration/schema';
import type { Server } from '../../src/model/configuration/server';
import type { ManifestEntry } from '../../src/model/manifest';
import type { RunReport } from '../../src/report/runReport';
import type { Environment } from '../../src/sources/environment';
import { isManifestWhole } from '../../src/store/manifestFile';
import type { Disk } from '../../src/store/disk';
import { Store } from '../../src/store/store';
import type { Account } from '../servers/account';

/** Keeps every line, to look for what must not be there. */
export class KeptLog implements Log {
  readonly lines: string[] = [];
  readonly trace = (message: string): void => void this.lines.push(message);
  readonly debug = this.trace;
  readonly info = this.trace;
  readonly warn = this.trace;
  readonly error = this.trace;
}

export interface FixtureOptions {
  readonly password?: string;
  readonly passphrase?: string;
  readonly agent?: string;
  /** The account whose rights a run has; root may read everything. Default: root. */
  readonly runAs?: Account;
  /** Under the store. Default: the real one. */
  readonly disk?: Disk;
}

/** A workspace with one server, and its store. */
export class BackUpFixture implements Disposable {
  readonly workspace: string;
  readonly log = new KeptLog();
  readonly store: Store;
  readonly #raw: RawServer;
  readonly #options: FixtureOptions;

  constructor(raw: RawServer, options: FixtureOptions = {}) {
    this.workspace = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-workspace-'));
    fs.chmodSync(this.workspace, 0o755);
    if (options.runAs) fs.chownSync(this.workspace, options.runAs.uid, options.runAs.gid);
    this.#raw = raw;
    this.#options = options;
    this.store = new Store(path.join(this.workspace, 'backups'), 'test', options.disk);
  }

  server(changes: Partial<RawServer> = {}): Server {
    const text = JSON.stringify({ servers: { test: { ...this.#raw, ...changes } } });
    const parsed = parseConfiguration(text, this.workspace);
    const server = parsed.configuration?.servers.get('test');
    if (!server) throw new Error(parsed.faults.map((fault) => fault.message).join('\n'));
    return server;
  }

  get environment(): Environment {
    const { password, passphrase, agent } = this.#options;
    return {
      clock: systemClock,
      log: this.log,
      credentials: {
        password: () => Promise.resolve(password),
        passphrase: () => Promise.resolve(passphrase),
        answers: () => Promise.resolve(undefined),
      },
      home: path.join(this.workspace, 'home'),
      agent,
      user: 'nobody',
    };
  }

  async run(
    changes: Partial<RawServer> = {},
    signal = new AbortController().signal,
  ): Promise<RunReport> {
    const { store, environment } = this;
    const { runAs } = this.#options;
    if (runAs) process.seteuid?.(runAs.uid);
    try {
      return await backUp({ server: this.server(changes), store, environment, signal });
    } finally {
      if (runAs) process.seteuid?.(0);
    }
  }

  /** The entries of a snapshot by path below `root`, a path without leading slash. */
  async entries(id: string, root: string): Promise<Map<string, ManifestEntry>> {
    const found = new Map<string, ManifestEntry>();
    const prefix = root === '' ? '' : `${root}/`;
    for await (const entry of this.store.entries(id)) {
      if (entry.path.startsWith(prefix)) found.set(entry.path.slice(prefix.length), entry);
    }
    return found;
  }

  isWhole(id: string): Promise<boolean> {
    return isManifestWhole(this.store.disk, this.store.layout.manifest(id));
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.workspace, { recursive: true, force: true });
  }
}
