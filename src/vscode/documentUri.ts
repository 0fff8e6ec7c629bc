import { Uri } from 'vscode';
import {
  fromBytes,
  isCleanPath,
  isText,
  remotePath,
  textOf,
  bytesOf,
  type RemotePath,
} from '../model/remotePath';
import { isSnapshotId, type SnapshotId } from '../model/snapshotId';

export const scheme = 'sauvegarde';

/** Stands for the slash in the name of a server, which tells its folder: there it is one part of a path. */
export const slashInAddress = '\u2215';

/** The part of an address that names a server. */
export function segmentOf(server: string): string {
  return server.replaceAll('/', slashInAddress);
}

export function serverIn(segment: string): string {
  return segment.replaceAll(slashInAddress, '/');
}

/** What a `sauvegarde:` address shows: a file of a snapshot, a file of the live server, a report. */
export type Shown =
  | {
      readonly kind: 'snapshot';
      readonly server: string;
      readonly snapshot: SnapshotId;
      readonly path: RemotePath;
    }
  | { readonly kind: 'server'; readonly server: string; readonly path: RemotePath }
  | Report;

/** The report of a run, or of a restore. */
export interface Report {
  readonly kind: 'report' | 'restore';
  readonly server: string;
  /** The id of the run or restore. */
  readonly snapshot: SnapshotId;
}

/** A name that is not UTF-8 is shown as well as it can be; its bytes stand in the query. */
export function uriOf(shown: Shown): Uri {
  if (isReport(shown)) {
    const path = `/${segmentOf(shown.server)}/${shown.snapshot}.md`;
    return Uri.from({ scheme, authority: shown.kind, path });
  }
  const snapshot = shown.kind === 'snapshot' ? `/${shown.snapshot}` : '';
  const below = shown.path === '' ? '' : `/${textOf(shown.path)}`;
  const query = isText(shown.path) ? '' : `raw=${bytesOf(shown.path).toString('hex')}`;
  const path = `/${segmentOf(shown.server)}${snapshot}${below}`;
  return Uri.from({ scheme, authority: shown.kind, path, query });
}

const atSnapshot = 'snapshot-';

/**
 * Another address of what a snapshot or a server has: on all sides of a comparison the path is the same,
 * or the editor would take each file for a renamed one.
 */
export function sideUri(shown: Exclude<Shown, Report>): Uri {
  const { server, path } = shown;
  const uri = uriOf({ kind: 'server', server, path });
  return shown.kind === 'server' ? uri : uri.with({ authority: atSnapshot + shown.snapshot });
}

export function isReport(shown: Shown): shown is Report {
  return shown.kind === 'report' || shown.kind === 'restore';
}

/** Undefined if the address is none of ours. */
export function shownBy(uri: Uri): Shown | undefined {
  if (uri.scheme !== scheme) return undefined;
  const [segment = '', ...rest] = uri.path.slice(1).split('/');
  const server = serverIn(segment);
  if (uri.authority === 'report' || uri.authority === 'restore') {
    const snapshot = (rest[0] ?? '').replace(/\.md$/, '');
    return isSnapshotId(snapshot) ? { kind: uri.authority, server, snapshot } : undefined;
  }
  if (uri.authority.startsWith(atSnapshot)) return sideShownBy(uri, server, rest);
  if (uri.authority === 'server') return { kind: 'server', server, path: pathOf(uri, rest) };
  const [snapshot = '', ...below] = rest;
  if (uri.authority !== 'snapshot' || !isSnapshotId(snapshot)) return undefined;
  return { kind: 'snapshot', server, snapshot, path: pathOf(uri, below) };
}

function sideShownBy(uri: Uri, server: string, names: readonly string[]): Shown | undefined {
  // Where an address is written down, this part of it is in small letters.
  const snapshot = uri.authority.slice(atSnapshot.length).toUpperCase();
  if (!isSnapshotId(snapshot)) return undefined;
  return { kind: 'snapshot', server, snapshot, path: pathOf(uri, names) };
}

/** An address may be typed by anyone: it must not lead out of the snapshot. Throws `configuration`. */
function pathOf(uri: Uri, names: readonly string[]): RemotePath {
  const raw = /^raw=((?:[0-9a-f]{2})+)$/.exec(uri.query)?.[1];
  const bytes = fromBytes(Buffer.from(raw ?? '', 'hex'));
  return raw !== undefined && isCleanPath(bytes) ? bytes : remotePath(names.join('/'));
}
