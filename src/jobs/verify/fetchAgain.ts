import { throwIfAborted } from '../../base/abort';
import { BugError, type BackupError } from '../../base/errors';
import type { Server } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { ManifestEntry } from '../../model/manifest';
import { hasSameTime } from '../../model/racyClean';
import { absolute, type RemotePath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { Incoming, Sink, Wanted } from '../../model/transfer';
import type { Source } from '../../sources/source';
import { createHere } from '../../store/createHere';
import type { Mender } from '../../store/mending';
import { attributesOnDisk } from '../../store/sharing';
import { StagedFile } from '../../store/stagedFile';
import type { Store } from '../../store/store';
import type { LostContent } from './repair';

/** Up to so many files are looked for one by one; for more, the whole selection is listed. */
const mostSingly = 50;

/** A file of the server that may still have a lost content. */
type Candidate = Wanted & Version;

/**
 * Fetches lost contents again, of files that the server still has in exactly that version: the same size
 * and time, and then the same digest. Where one file has another content all the same, the next one that
 * had it is fetched. What arrives is beside the snapshots, and intact.
 */
export async function fetchAgain(
  source: Source,
  server: Server,
  contents: Iterable<LostContent>,
  into: { readonly store: Store; readonly mender: Mender },
  signal: AbortSignal,
): Promise<void> {
  const versions = await versionsThere(source, server, contents, signal);
  const sink = new RepairSink(into.store, into.mender);
  for (let round = 0; ; round += 1) {
    const wanted: Candidate[] = [];
    for (const [content, there] of versions) {
      const next = content.intact ? undefined : there[round];
      if (next) wanted.push({ ...next, content, number: wanted.length });
    }
    if (wanted.length === 0) return;
    await source.fetch(each(wanted), sink, signal);
  }
}

async function* each(wanted: readonly Candidate[]): AsyncGenerator<Wanted, void, undefined> {
  for (const candidate of wanted) yield await Promise.resolve(candidate);
}

/** The files of the server that look as those did that had a content, by content. */
async function versionsThere(
  source: Source,
  server: Server,
  contents: Iterable<LostContent>,
  signal: AbortSignal,
): Promise<Map<LostContent, Pick<Candidate, 'entry' | 'known'>[]>> {
  const found = new Map<LostContent, Pick<Candidate, 'entry' | 'known'>[]>();
  const byPath = versionsByPath(contents);
  if (byPath.size === 0) return found;
  const singly = { ...server, include: [...byPath.keys()].map(absolute) };
  const selection = Selection.of(byPath.size > mostSingly ? server : singly);
  for await (const { entry } of source.scan(selection, signal)) {
    throwIfAborted(signal);
    if (entry?.type !== 'file') continue;
    const isSame = ({ known }: Version): boolean => isSameVersion(entry, known);
    // Several snapshots may have had it.
    const contentsHere = new Map<LostContent, ManifestEntry>();
    for (const { content, known } of (byPath.get(entry.path) ?? []).filter(isSame)) {
      contentsHere.set(content, known);
    }
    for (const [content, known] of contentsHere) {
      const there = found.get(content) ?? [];
      found.set(content, there);
      there.push({ entry, known });
    }
  }
  return found;
}

interface Version {
  readonly content: LostContent;
  readonly known: ManifestEntry;
}

function versionsByPath(contents: Iterable<LostContent>): Map<RemotePath, Version[]> {
  const found = new Map<RemotePath, Version[]>();
  for (const content of contents) {
    for (const { entry: known } of content.files) {
      found.set(known.path, [...(found.get(known.path) ?? []), { content, known }]);
    }
  }
  return found;
}

function isSameVersion(entry: Entry, known: ManifestEntry): boolean {
  return entry.size === known.size && hasSameTime(entry, known);
}

/** Keeps what has the right digest, and nothing else. */
class RepairSink implements Sink {
  readonly #store: Store;
  readonly #mender: Mender;

  constructor(store: Store, mender: Mender) {
    this.#store = store;
    this.#mender = mender;
  }

  receive(wanted: Wanted, entry: Entry): Promise<Incoming> {
    const { content, known } = candidateOf(wanted);
    const place = this.#mender.freePlace();
    const events = {
      received: () => undefined,
      ended: () => undefined,
      reached: () => Promise.resolve(),
      arrived: (sha256: string): Promise<void> => {
        if (sha256 === content.sha256) content.intact = { place, entry: known };
        return Promise.resolve();
      },
    };
    const attributes = attributesOnDisk(known);
    const { disk } = this.#store;
    const where = { disk, place, create: createHere.bind(undefined, disk) };
    return StagedFile.begin(where, entry, attributes, events, undefined);
  }

  left(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  skip(wanted: Wanted, error: BackupError): Promise<void> {
    for (const { damage } of candidateOf(wanted).content.files) {
      if (damage) damage.message ??= `The server does not give it again: ${error.message}`;
    }
    return Promise.resolve();
  }

  warn(): void {
    // What kept growing has another size by now, and so another digest.
  }
}

function candidateOf(wanted: Wanted): Candidate {
  if ('content' in wanted) return wanted as Candidate;
  throw new BugError('a file was delivered that was not wanted');
}
