import type * as NodeCrypto from 'node:crypto';
import type * as NodeFs from 'node:fs';
import type { Stats } from 'node:fs';
import type { DiskLook, DiskPath, DiskStat, FoundFiles, WantedFiles, WrongFile } from './disk';

export type LookAtFile = (place: DiskPath, size: number) => DiskLook | undefined;

/**
 * Makes what looks at a path, and takes the digest of what stands there if it is a file of so many bytes:
 * in as few calls of the system as that takes. Undefined if there is nothing; a link is not followed, and
 * nothing is waited for. Throws what the system says.
 *
 * Its text is also the program of a thread (`lookingThread.ts`): it uses nothing but its parameters.
 *
 * @param isStopped asked between two blocks of a long file: then it throws
 */
export function lookerAtFiles(
  fs: typeof NodeFs,
  crypto: typeof NodeCrypto,
  isStopped: () => boolean,
  describe: (found: Stats) => DiskStat,
): LookAtFile {
  const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = fs.constants;
  // Some are undefined on Windows, and `|` takes that for 0.
  const readOnly = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
  // One for all: memory of its own for each is most of what reading a small file costs.
  const block = Buffer.allocUnsafeSlow(256 * 1024 + 1);
  const { hash: digestAtOnce } = crypto as { readonly hash?: typeof crypto.hash };

  /** To its end, or one block further than it should go. */
  const digestOf = (file: number, size: number): { sha256: string; read: number } => {
    let filled = fs.readSync(file, block, 0, Math.min(size + 1, block.length), null);
    // A file that is as long as it should be is asked for one byte more, and gives none.
    if (digestAtOnce && filled === size) {
      return { sha256: digestAtOnce('sha256', block.subarray(0, filled), 'hex'), read: filled };
    }
    const hash = crypto.createHash('sha256');
    let read = 0;
    while (filled > 0) {
      if (isStopped()) throw new Error('The reading was stopped.');
      hash.update(block.subarray(0, filled));
      read += filled;
      filled = read > size ? 0 : fs.readSync(file, block, 0, block.length, null);
    }
    return { sha256: hash.digest('hex'), read };
  };

  return (place, size) => {
    let file: number;
    try {
      file = fs.openSync(place, readOnly);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
      // A link, a socket, or a folder on Windows.
      const found = fs.lstatSync(place, { throwIfNoEntry: false });
      if (found && !found.isFile()) return { stat: describe(found), read: 0 };
      throw error;
    }
    try {
      const stat = describe(fs.fstatSync(file));
      if (stat.type !== 'file' || stat.size !== size) return { stat, read: 0 };
      return { stat, ...digestOf(file, size) };
    } finally {
      fs.closeSync(file);
    }
  };
}

/**
 * Makes what looks at many files and compares each with what it should be. Its text is a part of the
 * program of a thread as well.
 */
export function comparerOfFiles(look: LookAtFile): (wanted: WantedFiles) => FoundFiles {
  const wrongIn = (
    found: DiskLook | undefined,
    size: number,
    sha256: string,
  ): WrongFile | undefined => {
    // A link or folder in its place is not the file, wherever the link leads.
    if (found?.stat.type !== 'file') return { state: 'missing', read: 0 };
    const { read } = found;
    return found.sha256 === sha256 && read === size ? undefined : { state: 'changed', read };
  };
  return ({ places, sizes, digests }) => {
    const wrong = new Map<number, WrongFile>();
    const inodes = places.map((place, number) => {
      const size = sizes[number] ?? 0;
      try {
        const found = look(place, size);
        const fault = wrongIn(found, size, digests[number] ?? '');
        if (fault) wrong.set(number, fault);
        return found && !fault && found.stat.links > 1 ? found.stat.inode.number : 0;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        wrong.set(number, {
          state: 'unread',
          read: 0,
          message,
          ...(code !== undefined && { code }),
        });
        return 0;
      }
    });
    return { inodes, wrong };
  };
}
