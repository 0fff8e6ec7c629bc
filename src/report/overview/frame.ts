import type { Localization } from '../../base/localization';
import type { RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import type { Moments } from './moments';

/** Where the page leads to; each an address that is not yet escaped. */
export interface OverviewLinks {
  report(server: string, run: SnapshotId): string;
  snapshot(server: string, snapshot: SnapshotId): string;
  folder(server: string, snapshot: SnapshotId, folder: RemotePath): string;
  /** Makes the page anew, where that is possible. */
  readonly refresh?: string;
}

/** What all parts of the page are made with. */
export interface Frame {
  readonly l10n: Localization;
  readonly links: OverviewLinks;
  readonly moments: Moments;
  /** When each day of the calendars begins, oldest first, and when the last one ends. */
  readonly days: readonly number[];
}
