import type { Change } from '../changes';
import type { ManifestEntry } from '../manifest';
import { bytesOf, fromBytes, isCleanPath, isText, textOf } from '../remotePath';
import { FolderRanking, type RankedFolder } from './folderRanking';
import { isCount } from './runFigures';

/** The folders of a snapshot that stand out. */
export interface FolderFigures {
  /** By bytes. */
  readonly biggest: readonly RankedFolder[];
  /** By what was added, changed or removed in them since the snapshot before. */
  readonly mostChanged: readonly RankedFolder[];
}

const mostRanked = 5;

/** Finds them while a manifest is read for another reason. */
export class FolderSurvey {
  readonly #sizes = new FolderRanking(mostRanked);
  readonly #changes = new FolderRanking(mostRanked);

  /** The same entries, which are looked at as they pass. In folder order. */
  async *watching(
    entries: AsyncIterable<ManifestEntry>,
  ): AsyncGenerator<ManifestEntry, void, undefined> {
    for await (const entry of entries) {
      if (entry.type === 'file' && entry.size !== undefined) {
        this.#sizes.add(entry.path, entry.size);
      }
      yield entry;
    }
  }

  /** In folder order. That a folder came or went says less than that something in it did. */
  take({ path, before, after }: Change): void {
    if ((after ?? before)?.type !== 'directory') this.#changes.add(path, 1);
  }

  finish(): FolderFigures {
    return { biggest: this.#sizes.finish(), mostChanged: this.#changes.finish() };
  }
}

/** A folder as JSON carries it: readable, and its bytes in base64 beside it where that loses something. */
export interface WrittenFolder {
  readonly path: string;
  readonly raw?: string;
  readonly weight: number;
}

export interface WrittenFolders {
  readonly biggest: readonly WrittenFolder[];
  readonly mostChanged: readonly WrittenFolder[];
}

export function writtenFolders({ biggest, mostChanged }: FolderFigures): WrittenFolders {
  return { biggest: biggest.map(written), mostChanged: mostChanged.map(written) };
}

function written({ path, weight }: RankedFolder): WrittenFolder {
  const raw = isText(path) ? {} : { raw: bytesOf(path).toString('base64') };
  return { path: textOf(path), ...raw, weight };
}

/** Undefined if it is none of ours: a workspace may come from a stranger. */
export function readFolders(value: unknown): FolderFigures | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { biggest, mostChanged } = value as Record<string, unknown>;
  const sizes = ranked(biggest);
  const changes = ranked(mostChanged);
  return sizes && changes && { biggest: sizes, mostChanged: changes };
}

function ranked(value: unknown): RankedFolder[] | undefined {
  if (!Array.isArray(value) || value.length > mostRanked) return undefined;
  const folders = value.map(folderOf);
  return folders.every((folder) => folder !== undefined) ? folders : undefined;
}

function folderOf(value: unknown): RankedFolder | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { path, raw, weight } = value as Record<string, unknown>;
  if (typeof path !== 'string' || !isCount(weight)) return undefined;
  const bytes = typeof raw === 'string' ? Buffer.from(raw, 'base64') : Buffer.from(path, 'utf8');
  const place = fromBytes(bytes);
  return place === '' || isCleanPath(place) ? { path: place, weight } : undefined;
}
