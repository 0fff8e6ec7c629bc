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
  /** How many files the big tree has. Default: 1,000; each server gets 10,000 in one of its ways. */
  readonly many?: number;
  /** Names that the protocol or the server cannot bring over. */
  readonly withoutNames: readonly NameGroup[];
  /** The coarsest time that is acceptable, in seconds. */
  readonly granularity: number;
  /** Whether permission bits come over, and which. Default: all. */
  readonly modeMask?: number;
  /** Whether a dangling link and a FIFO are listed. Default: yes. */
  readonly hidesSpecialEntries?: boolean;
  /** Whether no link is listed at all. Default: they are. */
  readonly hidesLinks?: boolean;
  /** Whether a link's target comes as an absolute path. Default: as it is. */
  readonly absoluteTargets?: boolean;
  /** Whether it can list files of a time before 1970. Default: yes. */
  readonly withoutEarlyTimes?: boolean;
  /** Whether folders that it may not read come as empty ones, and nothing tells. Default: they are refused. */
  readonly hidesUnreadableFolders?: boolean;
}
