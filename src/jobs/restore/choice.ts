import type { ManifestEntry } from '../../model/manifest';
import { PathRules } from '../../model/pathRules';
import { isWithin, remotePath, textOf, type RemotePath } from '../../model/remotePath';

type Described = Pick<ManifestEntry, 'path' | 'type'>;

/** Says which entries of a snapshot are restored. */
export interface Choosing {
  chooses(entry: Described): boolean;
}

/** Characters that mean something in the .gitignore grammar. */
const special = /[*?[\]\\]/;

/**
 * What of a snapshot a person wants: paths of files and folders, and patterns in the .gitignore grammar.
 * A pattern behind `!` leaves out, whatever else chooses. Nothing named: everything.
 */
export class Choice implements Choosing {
  readonly #paths: readonly RemotePath[];
  readonly #patterns: PathRules | undefined;
  readonly #exceptions: PathRules | undefined;

  private constructor(
    paths: readonly RemotePath[],
    patterns: readonly string[],
    exceptions: readonly string[],
  ) {
    const onlyExceptions = paths.length + patterns.length === 0;
    this.#paths = onlyExceptions ? ['' as RemotePath] : paths;
    this.#patterns = patterns.length > 0 ? new PathRules(patterns) : undefined;
    this.#exceptions = exceptions.length > 0 ? new PathRules(exceptions) : undefined;
  }

  /**
   * Something that could be a pattern is a path where the snapshot has that very name, as `a[1].txt`.
   * Throws `configuration` for a path with `.` or `..`.
   */
  static async of(
    wanted: readonly string[],
    entries: () => AsyncIterable<Described>,
  ): Promise<Choice> {
    const exceptions = wanted.filter((text) => text.startsWith('!')).map((text) => text.slice(1));
    const chosen = wanted.filter((text) => !text.startsWith('!'));
    const doubtful = chosen.filter((text) => special.test(text));
    const known = doubtful.length > 0 ? await namesAmong(doubtful, entries()) : new Set<string>();
    const isPattern = (text: string): boolean =>
      (special.test(text) && !known.has(text)) || !text.replace(/\/$/, '').includes('/');
    const patterns = chosen.filter(isPattern);
    const paths = chosen.filter((text) => !isPattern(text)).map(remotePath);
    return new Choice(paths, patterns, exceptions);
  }

  chooses({ path, type }: Described): boolean {
    const text = type === 'directory' ? `${textOf(path)}/` : textOf(path);
    if (path !== '' && this.#exceptions?.match(text) === true) return false;
    if (this.#paths.some((chosen) => isWithin(path, chosen))) return true;
    return path !== '' && this.#patterns?.match(text) === true;
  }
}

/** Those of the texts that are the path of an entry, or of a folder above one. */
async function namesAmong(
  texts: readonly string[],
  entries: AsyncIterable<Described>,
): Promise<Set<string>> {
  const paths = new Map(texts.map((text) => [text, remotePath(text)] as const));
  const found = new Set<string>();
  for await (const { path } of entries) {
    for (const [text, wanted] of paths) if (isWithin(path, wanted)) found.add(text);
  }
  return found;
}
