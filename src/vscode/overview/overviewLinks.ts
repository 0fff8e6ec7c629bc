import type { ServerOverview } from '../../model/overview/overview';
import { bytesOf, fromBytes, isCleanPath, type RemotePath } from '../../model/remotePath';
import { snapshotIdAt, snapshotTime, type SnapshotId } from '../../model/snapshotId';
import type { OverviewLinks } from '../../report/overview/frame';
import { command } from '../commandIds';

/** Where a link of the page leads. */
export type OverviewTarget =
  | { readonly kind: 'report'; readonly server: string; readonly run: SnapshotId }
  | {
      readonly kind: 'folder';
      readonly server: string;
      readonly snapshot: SnapshotId;
      /** The root for the snapshot itself. */
      readonly folder: RemotePath;
    };

/**
 * Links that call our command with one list: the place of the server on the page, the moment of the run or
 * snapshot in seconds, and for a folder its bytes in base64. Short, as a page has fifty thousand of them.
 */
export function commandLinks(servers: readonly ServerOverview[]): OverviewLinks {
  const places = new Map(servers.map(({ name }, place) => [name, place]));
  const link = (server: string, id: SnapshotId, more: string): string =>
    `command:${command.follow}?[[${places.get(server) ?? -1},${snapshotTime(id) / 1000}${more}]]`;
  return {
    report: (server, run) => link(server, run, ''),
    snapshot: (server, snapshot) => link(server, snapshot, ',%22%22'),
    folder: (server, snapshot, folder) =>
      link(server, snapshot, `,%22${bytesOf(folder).toString('base64url')}%22`),
    refresh: `command:${command.showOverview}`,
  };
}

/** Undefined if it is none: any page with commands may call ours with anything. */
export function targetOf(
  link: unknown,
  servers: readonly ServerOverview[],
): OverviewTarget | undefined {
  if (!Array.isArray(link)) return undefined;
  const [place, seconds, encoded] = link as readonly unknown[];
  const server = typeof place === 'number' ? servers[place]?.name : undefined;
  const id = typeof seconds === 'number' ? idAt(seconds) : undefined;
  if (server === undefined || id === undefined) return undefined;
  if (encoded === undefined) return { kind: 'report', server, run: id };
  if (typeof encoded !== 'string') return undefined;
  const folder = fromBytes(Buffer.from(encoded, 'base64url'));
  if (folder !== '' && !isCleanPath(folder)) return undefined;
  return { kind: 'folder', server, snapshot: id, folder };
}

/** The last second that an id can name: the end of the year 9999. */
const lastSecond = 253_402_300_799;

function idAt(seconds: number): SnapshotId | undefined {
  const isPossible = Number.isInteger(seconds) && seconds >= 0 && seconds <= lastSecond;
  return isPossible ? snapshotIdAt(1000 * seconds) : undefined;
}
