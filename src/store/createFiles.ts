import type * as NodeCrypto from 'node:crypto';
import type * as NodeFs from 'node:fs';
import type { CreatedFiles, DiskPath, DiskStat, FileAttributes, NewFiles } from './disk';

export type CreateFile = (
  place: DiskPath,
  content: Uint8Array,
  attributes: FileAttributes,
) => DiskStat;

/**
 * Makes what creates a file with all of its content, which must not exist. Throws what the system says; then
 * nothing is left of it.
 *
 * Its text is also a part of the program of a thread (`creatingThread.ts`): it uses nothing but its
 * parameters.
 */
export function creatorOfFile(
  fs: typeof NodeFs,
  describe: (found: NodeFs.Stats) => DiskStat,
): CreateFile {
  return (place, content, { mode, mtime }) => {
    const file = fs.openSync(place, 'wx', mode);
    try {
      for (let written = 0; written < content.length;) {
        written += fs.writeSync(file, content, written);
      }
      // As text: Node takes a negative number (a time before 1970) for the present moment.
      const time = mtime.toFixed(6);
      fs.futimesSync(file, time, time);
      const stat = describe(fs.fstatSync(file));
      if (stat.mode === mode) return stat;
      // The umask took bits away.
      fs.fchmodSync(file, mode);
      return describe(fs.fstatSync(file));
    } catch (error) {
      // Half a file under its final name would be in the way of the next attempt.
      fs.rmSync(place, { force: true });
      throw error;
    } finally {
      fs.closeSync(file);
    }
  };
}

/** Makes what creates many files, each with its digest. Its text is a part of the thread's program as well. */
export function creatorOfFiles(
  create: CreateFile,
  crypto: typeof NodeCrypto,
  now: () => number,
): (files: NewFiles) => CreatedFiles {
  const { hash: digestAtOnce } = crypto as { readonly hash?: typeof crypto.hash };
  const digestOf = (content: Uint8Array): string =>
    digestAtOnce?.('sha256', content, 'hex') ??
    crypto.createHash('sha256').update(content).digest('hex');
  return ({ places, modes, mtimes, ends, content }) => {
    const digests: string[] = [];
    const stats: DiskStat[] = [];
    const failures = new Map<number, { code?: string; message: string }>();
    let milliseconds = 0;
    let start = 0;
    for (const [number, place] of places.entries()) {
      const end = ends[number] ?? start;
      const bytes = content.subarray(start, end);
      start = end;
      digests.push(digestOf(bytes));
      const begun = now();
      try {
        stats[number] = create(place, bytes, {
          mode: modes[number] ?? 0,
          mtime: mtimes[number] ?? 0,
        });
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        failures.set(number, { message, ...(code !== undefined && { code }) });
      }
      milliseconds += now() - begun;
    }
    return { digests, stats, failures, milliseconds };
  };
}
