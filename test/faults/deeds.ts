import { restore } from '../../src/jobs/restore/restore';
import { applyRetention } from '../../src/jobs/retention/retention';
import { backUp } from '../../src/jobs/backUp/backUp';
import { verify } from '../../src/jobs/verify/verify';
import type { Verified } from '../../src/jobs/verify/verified';
import type { RawServer } from '../../src/model/configuration/schema';
import type { RestoreReport } from '../../src/report/restoreReport';
import type { RunReport } from '../../src/report/runReport';
import { LocalServer } from '../../src/sources/local/localServer';
import type { Source } from '../../src/sources/source';
import { WalkedSource } from '../../src/sources/walkedSource';
import type { Disk } from '../../src/store/disk';
import { emptyTrash } from '../../src/store/removal';
import { diskPath } from '../../src/sources/local/diskPath';
import { DiskTarget } from '../../src/targets/disk/diskTarget';
import type { Target } from '../../src/targets/target';
import { watchedTarget } from '../restore/watchedTarget';
import { watchedDisk, type AfterOperation, type BeforeOperation } from '../store/watchedDisk';
import type { ServedSite } from './servedSite';
import { watchedServer } from './watchedServer';

/** What writes to a store or a server, and can be interrupted. */
export type Deed =
  | { readonly what: 'back up' }
  | { readonly what: 'prune'; readonly keep: RawServer['keep'] }
  | {
      readonly what: 'restore';
      readonly snapshot: string;
      /** As people write them; empty: everything. */
      readonly paths: readonly string[];
      readonly delete: boolean;
    }
  | { readonly what: 'repair' };

/** Between us and what may fail: the disk of the store, or the server. */
export type Seam = 'disk' | 'connection';

/** Called around each operation; may throw or kill. */
export type Step = (seam: Seam, operation: string, about: string) => void;

export interface Done {
  readonly run?: RunReport;
  readonly restored?: RestoreReport;
  readonly verified?: readonly Verified[];
}

const nothing: Step = () => undefined;

function targetOf(before: BeforeOperation, after: AfterOperation): Target {
  const reader = watchedServer(new LocalServer(), before, after);
  return new DiskTarget({ label: 'local://', reader, at: diskPath });
}

/** What a deed goes through on its way to the disk and the server. */
export interface Through {
  readonly before?: Step;
  readonly after?: Step;
  /** Instead of the real one with its steps. */
  readonly disk?: Disk;
  readonly target?: (target: Target) => Target;
}

/** Does it to its end, unless a step ends it. */
export async function perform(
  site: ServedSite,
  deed: Deed,
  { before = nothing, after = nothing, ...through }: Through = {},
): Promise<Done> {
  const disk =
    through.disk ??
    watchedDisk(
      (operation, about) => before('disk', operation, about),
      (operation, about) => after('disk', operation, about),
    );
  const store = site.storeOn(disk);
  const { signal } = new AbortController();
  const { environment, clock } = site;
  clock.advance(60_000);
  const calling = (operation: string, about: string): void =>
    before('connection', operation, about);
  const called = (operation: string, about: string): void => after('connection', operation, about);
  const open = (): Promise<Source> =>
    Promise.resolve(new WalkedSource(watchedServer(new LocalServer(), calling, called), clock));
  switch (deed.what) {
    case 'back up':
      return { run: await backUp({ server: site.server(), store, environment, signal, open }) };
    case 'prune': {
      const server = site.server({ keep: deed.keep });
      await applyRetention({ server, store, clock, signal });
      await emptyTrash(store);
      return {};
    }
    case 'repair': {
      const server = site.server();
      const options = { server, store, environment, signal, open };
      return { verified: await verify({ ...options, scope: 'all', repair: true }) };
    }
    case 'restore': {
      const server = site.server();
      const { target: wrap = (target: Target): Target => target } = through;
      const target = (): Promise<Target> =>
        Promise.resolve(wrap(watchedTarget(targetOf(calling, called), calling, called)));
      const { snapshot, paths } = deed;
      const options = { server, store, environment, signal, open: target };
      const restored = await restore({
        ...{ ...options, snapshot, paths, delete: deed.delete },
        to: { server, store },
        confirm: () => Promise.resolve(true),
      });
      return { restored };
    }
  }
}
