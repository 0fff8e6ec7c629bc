import { bytesOf, type RemotePath } from '../../model/remotePath';

/**
 * Reads paths from its input, each ended by a NUL byte, and prints the SHA-256 of each file. No path is
 * part of the command, so that none can be taken for one; all are absolute, so that none can be taken for
 * an option. Runs in `sh`, whatever the account's own shell is. Of the three programs one is on every
 * system: GNU and busybox have the first, macOS and Perl the second, BSD the third. Exit code 127 where
 * there is none.
 */
export const digestCommand = `sh -c '${[
  'LC_ALL=C; export LC_ALL',
  'if command -v sha256sum >/dev/null 2>&1; then xargs -0 sha256sum --',
  'elif command -v shasum >/dev/null 2>&1; then xargs -0 shasum -a 256 --',
  'elif command -v sha256 >/dev/null 2>&1; then xargs -0 sha256 -r --',
  'else exit 127; fi',
].join('; ')}'`;

export function pathArgument(path: RemotePath): Buffer {
  return Buffer.concat([bytesOf(`/${path}`), Buffer.from([0])]);
}

const answerForm = /^(\\?)([0-9a-f]{64}) [ *]?(\/.*)$/s;

/**
 * One line of its output, as bytes: `DIGEST  PATH`, or `\\DIGEST  PATH` where the path has a backslash, line
 * feed or carriage return, which are escaped then (coreutils, "md5sum invocation"). Undefined if it is none.
 */
export function parseDigestLine(
  line: string,
): { readonly path: RemotePath; readonly sha256: string } | undefined {
  const [, mark, sha256, told] = answerForm.exec(line) ?? [];
  if (sha256 === undefined || told === undefined) return undefined;
  const path =
    mark === ''
      ? told
      : told.replaceAll(/\\([\\nr])/g, (_all, letter: string) => unescaped(letter));
  return { path: path.slice(1) as RemotePath, sha256 };
}

function unescaped(letter: string): string {
  if (letter === 'n') return '\n';
  return letter === 'r' ? '\r' : '\\';
}
