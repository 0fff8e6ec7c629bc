import { becameNoise } from '../../model/retention/noise';
import { isText } from '../../model/textContent';
import type { FilePair } from '../../model/retention/losses';
import { Sample } from '../../model/retention/sample';
import type { ManifestEntry } from '../../model/manifest';
import type { SnapshotId } from '../../model/snapshotId';
import type { Store } from '../../store/store';

/** Of so many changed files, and of as many unchanged ones, the beginnings are read. */
const mostSampled = 200;
/** Bytes. */
const headSize = 4096;
/** Fewer texts that became noise than this are no attack. */
const fewestTexts = 5;

/** Finds out how many files became noise, by samples of those that changed. */
export class NoisyFiles {
  readonly #changed = new Sample<Required<FilePair>>(mostSampled);
  readonly #unchanged = new Sample<ManifestEntry>(mostSampled);

  add({ before, after }: FilePair): void {
    if (!before || after?.sha256 === undefined) return;
    if (before.sha256 === after.sha256) this.#unchanged.add(before);
    else this.#changed.add({ before, after });
  }

  /**
   * How many became noise, of how many, where they are more than half of all files or of all texts; else
   * undefined.
   *
   * @param of so many files there were
   */
  async count(
    store: Store,
    former: SnapshotId,
    snapshot: SnapshotId,
    of: number,
  ): Promise<{ lost: number; of: number } | undefined> {
    let noise = 0;
    let texts = 0;
    let noisyTexts = 0;
    for (const { before, after } of this.#changed.items) {
      const [was, is] = [await headOf(store, former, before), await headOf(store, snapshot, after)];
      const wasText = isText(was);
      const isNoisy = becameNoise(was, is);
      if (isNoisy) noise += 1;
      if (wasText) texts += 1;
      if (wasText && isNoisy) noisyTexts += 1;
    }
    const lost = this.#changed.estimate(noise);
    if (lost * 2 > of) return { lost, of };
    const lostTexts = this.#changed.estimate(noisyTexts);
    if (lostTexts < fewestTexts) return undefined;
    let unchangedTexts = 0;
    for (const entry of this.#unchanged.items) {
      if (isText(await headOf(store, former, entry))) unchangedTexts += 1;
    }
    const allTexts = this.#changed.estimate(texts) + this.#unchanged.estimate(unchangedTexts);
    return lostTexts * 2 > allTexts ? { lost: lostTexts, of: allTexts } : undefined;
  }
}

/** Empty where the file cannot be read: it says nothing then. */
async function headOf(store: Store, id: SnapshotId, entry: ManifestEntry): Promise<Buffer> {
  try {
    for await (const chunk of store.disk.readFile(store.place(id, entry))) {
      return chunk.subarray(0, headSize);
    }
  } catch {
    // It was removed or may not be read; whoever verifies the snapshot says so.
  }
  return Buffer.alloc(0);
}
