import { checkDigest, contentOf, type ReadContent } from '../jobs/compare/contents';
import { longestText } from '../jobs/compare/contentDifference';
import { readRemoteFile } from '../jobs/compare/readRemoteFile';
import type { Difference } from '../model/difference';
import type { SnapshotId } from '../model/snapshotId';
import type { Source } from '../sources/source';
import type { Store } from '../store/store';

/** Reads the contents of both sides of a comparison, one file at a time. */
export class ContentReader {
  readonly #before: ReadContent;
  readonly #after: ReadContent;

  private constructor(before: ReadContent, after: ReadContent) {
    this.#before = before;
    this.#after = after;
  }

  static ofSnapshots(store: Store, from: SnapshotId, to: SnapshotId): ContentReader {
    return new ContentReader(inSnapshot(store, from), inSnapshot(store, to));
  }

  static ofServer(
    store: Store,
    from: SnapshotId,
    source: Source,
    signal: AbortSignal,
  ): ContentReader {
    return new ContentReader(inSnapshot(store, from), async (path) => {
      const { content } = await readRemoteFile(source, path, longestText, signal);
      return content;
    });
  }

  contentOf(difference: Difference): ReturnType<typeof contentOf> {
    return contentOf(difference, this.#before, this.#after);
  }
}

function inSnapshot(store: Store, id: SnapshotId): ReadContent {
  return async (path, entry) => {
    const chunks: Buffer[] = [];
    const place = store.place(id, { path, ...entry });
    for await (const chunk of store.disk.readFile(place)) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    checkDigest(content, entry);
    return content;
  };
}
