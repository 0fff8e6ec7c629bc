import fs from 'node:fs';
import type { Clock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import type { Verified } from '../../src/jobs/verify/verified';
import { verify, type VerifyOptions } from '../../src/jobs/verify/verify';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { WalkedSource } from '../../src/sources/walkedSource';
import { StoreFixture } from '../store/storeFixture';

/** A store whose snapshots a test damages and verifies. */
export class VerifyFixture extends StoreFixture {
  /** How often the server was asked. */
  opened = 0;

  verify(options: Partial<VerifyOptions> = {}, clock: Clock = this.clock): Promise<Verified[]> {
    const text = JSON.stringify({ servers: { test: { protocol: 'local', include: ['/data'] } } });
    const server = parseConfiguration(text, this.workspace).configuration?.servers.get('test');
    if (!server) throw new Error('The configuration is wrong.');
    const nothing = (): Promise<undefined> => Promise.resolve(undefined);
    this.clock.advance(60_000);
    return verify({
      server,
      store: this.store,
      environment: {
        clock,
        log: silentLog,
        credentials: { password: nothing, passphrase: nothing, answers: nothing },
        home: this.workspace,
        agent: undefined,
        user: 'nobody',
      },
      signal: new AbortController().signal,
      scope: 'newest',
      open: () => {
        this.opened += 1;
        return Promise.resolve(new WalkedSource(this.server, this.clock));
      },
      ...options,
    });
  }

  /** The damage of each snapshot, newest first: `kind path`, with a plus in front of what was repaired. */
  static damages(verified: readonly Verified[]): string[][] {
    return verified.map(({ damaged }) =>
      damaged.map(({ kind, path, repaired }) => `${repaired ? '+' : ''}${kind} ${path}`),
    );
  }

  placeOf(id: string, path: string): string {
    return `${this.store.layout.snapshot(id)}/${path}`;
  }
}

/** Turns one bit as a failing disk does: neither size, time nor mode changes. */
export function turnBit(place: Buffer | string, bit: number): void {
  const { mtimeMs, mode } = fs.statSync(place);
  fs.chmodSync(place, 0o644);
  const file = fs.openSync(place, 'r+');
  const byte = Buffer.alloc(1);
  fs.readSync(file, byte, 0, 1, Math.floor(bit / 8));
  byte[0]! ^= 1 << (bit % 8);
  fs.writeSync(file, byte, 0, 1, Math.floor(bit / 8));
  fs.closeSync(file);
  fs.chmodSync(place, mode & 0o7777);
  fs.utimesSync(place, (mtimeMs / 1000).toFixed(6), (mtimeMs / 1000).toFixed(6));
}
