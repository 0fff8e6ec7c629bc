import { BackupError } from '../../base/errors';
import { typeOf, type Attributes } from './attributes';
import type { Chunk } from './chunk';
import { shortRead } from './readHabits';

/** What to do about a chunk that the server gives nothing of. */
export type NextStep = 'again' | 'ended' | 'look at the file' | BackupError;

/**
 * The ways in which a chunk can be asked for that was refused: because the file ends before the place
 * up to which was asked, because it was too much at once, or because it cannot be read. Each is tried
 * once.
 */
export class OtherWays {
  /** It was asked for no further than the file goes. */
  isUpToEnd = false;
  /** It was asked for in parts that every server can send. */
  isInParts = false;
  readonly #chunk: Chunk;
  /** For people. */
  readonly #path: string;

  constructor(chunk: Chunk, path: string) {
    this.#chunk = chunk;
    this.#path = path;
  }

  /** @param refusal undefined if the server says that the file ends there */
  next(refusal: BackupError | undefined, isSizeKnown: boolean): NextStep {
    const chunk = this.#chunk;
    // Only the byte behind the end is missing: some servers fail there.
    if (isSizeKnown && chunk.received >= chunk.length) return 'ended';
    if (chunk.reachesTooFar && !this.isUpToEnd) return this.#upTo(chunk.offset + chunk.length);
    return isSizeKnown && !refusal ? 'ended' : 'look at the file';
  }

  /** @param now the attributes of the open file, if the server tells them */
  nextAfterLook(refusal: BackupError | undefined, now: Attributes | undefined): NextStep {
    if (refusal && isOtherThanFile(now)) {
      const message = `${this.#path} is not a file any more.`;
      return new BackupError('changed', message, { cause: refusal });
    }
    const { offset, length } = this.#chunk.missing;
    const end = now?.size ?? Number.POSITIVE_INFINITY;
    if (end <= offset) return 'ended';
    if (end < offset + length && !this.isUpToEnd) return this.#upTo(end);
    if (refusal?.kind === 'protocol' && length > shortRead) return this.#inParts(refusal);
    return refusal ?? 'ended';
  }

  #inParts(refusal: BackupError): NextStep {
    if (this.isInParts) return refusal;
    this.isInParts = true;
    this.#chunk.mostAtOnce = shortRead;
    return 'again';
  }

  #upTo(end: number): NextStep {
    this.isUpToEnd = true;
    this.#chunk.endAt(end);
    return 'again';
  }
}

/** A READ fails without a reason if the path is a folder now. */
function isOtherThanFile(now: Attributes | undefined): boolean {
  const type = now && typeOf(now);
  return type !== undefined && type !== 'file';
}
