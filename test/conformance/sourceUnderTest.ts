import type { RawServer } from '../../src/model/configuration/schema';
import type { FixtureOptions } from './backUpFixture';
import type { NameGroup } from './originalTree';

/** What a source can and cannot do, and how to reach it. */
export interface SourceUnderTest extends AsyncDisposable, FixtureOptions {
  readonly connection: Omit<RawServer, 'include'>;
  /** The folder on this machine that the account sees as `/`. Default: the machine's. */
  readonly chroot?: string;
  /** The path at which the server shows that folder: `module/` of a daemon. Default: none. */
  readonly mountedAt?: string;
  /** Names that the protocol or the server cannot bring over. */
  readonly withoutNames: readonly NameGroup[];
  /** The coarsest time that is acceptable, in seconds. */
  readonly granularity: number;
  /** Whether permission bits come over, and which. Default: all. */
  readonly modeMask?: number;
  /** Whether a dangling link and a FIFO are listed. Default: yes. */
  readonly hidesSpecialEntries?: boolean;
}
