import { compareSnapshots } from '../../jobs/compare/compareSnapshots';
import { compareWithServer } from '../../jobs/compare/compareWithServer';
import { openSource } from '../../jobs/connect/openSource';
import type { Server } from '../../model/configuration/server';
import {
  differenceKinds,
  noDifferences,
  type Described,
  type Difference,
  type DifferenceCounts,
} from '../../model/difference';
import { absolute, isWithin, remotePath, type RemotePath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { SnapshotId } from '../../model/snapshotId';
import type { Source } from '../../sources/source';
import type { Store } from '../../store/store';
import { ContentReader } from '../contentReader';
import { exitCode, type ExitCode } from '../exitCodes';
import { shown } from '../output';
import { selectServer } from '../selectServers';
import { selectSnapshot } from '../selectSnapshot';
import type { Session } from '../session';

export interface DiffArguments {
  readonly server: string;
  readonly from: string;
  /** A snapshot, `server`, or already the path: it begins with `/`. */
  readonly to?: string;
  readonly path?: string;
  readonly content: boolean;
  readonly exitCode: boolean;
}

/** The live server in the place of a snapshot. */
const live = 'server';

interface Comparison {
  readonly server: Server;
  readonly store: Store;
  readonly from: SnapshotId;
  /** A snapshot, or `server`. */
  readonly to: SnapshotId;
  readonly within: RemotePath;
}

/** `sauvegarde diff SERVER FROM [TO|server] [PATH] [--content] [--exit-code]` */
export async function diffCommand(session: Session, args: DiffArguments): Promise<ExitCode> {
  const comparison = await comparisonOf(session, args);
  const { to } = comparison;
  const counts =
    to === live
      ? await diffServer(session, comparison, args.content)
      : await diffSnapshots(session, comparison, args.content);
  const { server, from } = comparison;
  session.output.result(summaryOf(counts, from, to), {
    event: 'compared',
    ...{ server: server.name, from, to },
    ...counts,
  });
  const differs = differenceKinds.some((kind) => counts[kind] > 0);
  return differs && args.exitCode ? exitCode.differs : exitCode.done;
}

async function comparisonOf(session: Session, args: DiffArguments): Promise<Comparison> {
  const server = selectServer(session.workspace.configuration, args.server);
  const store = session.store(server);
  const isPath = args.path === undefined && args.to?.startsWith('/') === true;
  const wanted = isPath ? 'latest' : (args.to ?? 'latest');
  const path = isPath ? args.to : args.path;
  return {
    server,
    store,
    from: await selectSnapshot(store, server.name, args.from),
    to: wanted === live ? live : await selectSnapshot(store, server.name, wanted),
    within: remotePath(path ?? ''),
  };
}

async function diffSnapshots(
  session: Session,
  { server, store, from, to, within }: Comparison,
  content: boolean,
): Promise<DifferenceCounts> {
  const counts = noDifferences();
  const reader = content ? ContentReader.ofSnapshots(store, from, to) : undefined;
  for await (const found of compareSnapshots(store, from, to, within, session.signal)) {
    counts[found.kind] += 1;
    await tell(session, server.name, found, reader);
  }
  return counts;
}

async function diffServer(
  session: Session,
  comparison: Comparison,
  content: boolean,
): Promise<DifferenceCounts> {
  const { server, store, from } = comparison;
  const counts = noDifferences();
  await using source = await openSource(server, session.environment(server), session.signal);
  const reader = content ? ContentReader.ofServer(store, from, source, session.signal) : undefined;
  const waiting: Difference[] = [];
  for await (const found of differencesFromServer(session, comparison, source)) {
    counts[found.kind] += 1;
    // Files are fetched when the scan is over: a server may allow one connection only.
    if (reader) waiting.push(found);
    else await tell(session, server.name, found);
  }
  for (const found of waiting) await tell(session, server.name, found, reader);
  return counts;
}

async function* differencesFromServer(
  { signal }: Session,
  { server, store, from, within }: Comparison,
  source: Source,
): AsyncGenerator<Difference, void, undefined> {
  const entries = store.entries(from);
  for await (const found of compareWithServer(source, Selection.of(server), entries, signal)) {
    // A folder above that could not be listed concerns what was asked for.
    if (isWithin(found.path, within) || isUnknownAbove(found, within)) yield found;
  }
}

function isUnknownAbove({ kind, path }: Difference, within: RemotePath): boolean {
  return kind === 'unknown' && isWithin(within, path);
}

async function tell(
  { output }: Session,
  server: string,
  found: Difference,
  reader?: ContentReader,
): Promise<void> {
  const { kind, path, from, before, after, message } = found;
  const content = await reader?.contentOf(found);
  const event = {
    event: 'difference',
    ...{ server, kind, path: absolute(path) },
    ...(from !== undefined && { from: absolute(from) }),
    ...(before && { before: detailsOf(before) }),
    ...(after && { after: detailsOf(after) }),
    ...(message !== undefined && { message }),
    ...(content && { content }),
  };
  output.result([wordsOf(found), ...contentWords(content)].join('\n'), event);
}

function detailsOf({ type, size, mtime, mode, sha256 }: Described): Record<string, unknown> {
  return { type, size, mtime, mode, sha256 };
}

const signs = {
  added: '+',
  changed: '~',
  removed: '-',
  moved: '>',
  metadata: 'm',
  unknown: '?',
} as const;

function wordsOf({ kind, path, from, before, after, message }: Difference): string {
  const origin = from === undefined ? '' : `${shown(absolute(from))} -> `;
  const name = `${origin}${shown(absolute(path))}`;
  const slash = (after ?? before)?.type === 'directory' ? '/' : '';
  const why = message === undefined ? '' : `: ${shown(message)}`;
  return `${signs[kind]} ${name}${slash}${why}`;
}

/** As it is, so that `patch` takes it, but for what would play with the terminal. */
function patchLine(line: string): string {
  const end = line.endsWith('\r') ? '\r' : '';
  const body = line.slice(0, line.length - end.length);
  return body.split('\t').map(shown).join('\t') + end;
}

function contentWords(content: Awaited<ReturnType<ContentReader['contentOf']>>): string[] {
  if (!content) return [];
  if ('patch' in content) return content.patch.replace(/\n$/, '').split('\n').map(patchLine);
  const reasons: Record<string, string> = {
    binary: 'its content is not text',
    'too-long': 'it is too long to be shown',
    same: 'its content is the same',
  };
  return [`    (${shown(reasons[content.reason] ?? content.reason)})`];
}

function summaryOf(counts: DifferenceCounts, from: string, to: string): string {
  const found = differenceKinds
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind === 'metadata' ? 'with another time or mode' : kind}`);
  return `${from} and ${to}: ${found.join(', ') || 'no difference'}`;
}
