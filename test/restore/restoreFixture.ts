import { restore } from '../../src/jobs/restore/restore';
import type { RestoreOptions } from '../../src/jobs/restore/restoreOptions';
import { encodeEntry } from '../../src/model/manifest';
import type { RawServer } from '../../src/model/configuration/schema';
import type { RestoreReport } from '../../src/report/restoreReport';
import { BackUpFixture, type FixtureOptions } from '../conformance/backUpFixture';

/** A workspace with one server that is backed up and restored to. */
export class RestoreFixture extends BackUpFixture {
  readonly #runAs: FixtureOptions['runAs'];

  constructor(raw: RawServer, options: FixtureOptions = {}) {
    super(raw, options);
    this.#runAs = options.runAs;
  }

  /** To the server itself, unless `to` says otherwise. */
  async restore(
    snapshot: string,
    options: Partial<RestoreOptions> = {},
    changes: Partial<RawServer> = {},
  ): Promise<RestoreReport> {
    const server = this.server(changes);
    if (this.#runAs) process.seteuid?.(this.#runAs.uid);
    try {
      return await restore({
        ...{ server, store: this.store, snapshot, paths: [] },
        to: { server, store: this.store },
        environment: this.environment,
        signal: new AbortController().signal,
        confirm: () => Promise.resolve(true),
        ...options,
      });
    } finally {
      if (this.#runAs) process.seteuid?.(0);
    }
  }

  /** The lines of a manifest without its header and totals. */
  async lines(snapshot: string): Promise<string[]> {
    const lines: string[] = [];
    for await (const entry of this.store.entries(snapshot)) lines.push(encodeEntry(entry));
    return lines;
  }
}
