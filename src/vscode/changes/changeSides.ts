import type { Uri } from 'vscode';
import { nameOf, printable, type RemotePath } from '../../model/remotePath';
import type { SnapshotId } from '../../model/snapshotId';
import { sideUri } from '../documentUri';
import { liveServer, type ChangeNode } from './changes';
import { comparisonText } from './changeWords';

/** The contents of a row that can be opened; where one is absent there is none of it. */
export interface OpenableSides {
  readonly before?: Uri;
  readonly after?: Uri;
}

export function sidesOf({ comparison, path, row }: ChangeNode): OpenableSides {
  const { server, before, after } = comparison;
  const from = row?.from ?? path;
  return {
    ...(row?.before?.isKept && {
      before: sideUri({ kind: 'snapshot', server, snapshot: before, path: from }),
    }),
    ...(row?.after?.isKept && {
      after:
        after === liveServer
          ? sideUri({ kind: 'server', server, path })
          : sideUri({ kind: 'snapshot', server, snapshot: after, path }),
    }),
  };
}

export function diffTitle({ comparison, path }: ChangeNode): string {
  return `${printable(nameOf(path))} (${comparisonText(comparison)})`;
}

/** Where a row can be restored from, the older side first: it is what somebody wants back. */
export function keptPlaces({ comparison, path, row }: ChangeNode): readonly {
  readonly snapshot: SnapshotId;
  readonly path: RemotePath;
}[] {
  const { before, after } = comparison;
  const old = !row || row.before ? [{ snapshot: before, path: row?.from ?? path }] : [];
  const isThere = after !== liveServer && (!row || row.after);
  return isThere ? [...old, { snapshot: after, path }] : old;
}
