/**
 * Servers whose listings tell other sizes than their files have. A row for each case that is known of
 * a real server; every one of them is played by FTP and by SFTP.
 */
import type { Script as FtpScript } from './scriptedFtp';
import type { Script as SftpScript, ScriptedName } from './scriptedSftp';

export interface WrongSize {
  readonly what: string;
  readonly content: Buffer;
  /** Bytes, as the server tells them; undefined: it tells none. Negative and absurd ones come as they are. */
  readonly listed: bigint | undefined;
  /** What a listing without a right size is worth to the next run. */
  readonly recorded?: number;
}

const text = Buffer.from('line\n'.repeat(50_000));
const small = Buffer.from('MemTotal: 1 kB\n');

export const wrongSizes: readonly WrongSize[] = [
  { what: 'the right size', content: text, listed: 250_000n },
  { what: '0 bytes, as in /proc', content: small, listed: 0n, recorded: 0 },
  { what: '0 bytes of a big file', content: text, listed: 0n, recorded: 0 },
  { what: 'a page, as in /sys', content: small, listed: 4096n, recorded: 4096 },
  { what: 'a byte less', content: text, listed: 249_999n, recorded: 249_999 },
  { what: 'a byte more', content: text, listed: 250_001n, recorded: 250_001 },
  { what: 'the compressed size', content: text, listed: 1_021n, recorded: 1_021 },
  { what: 'the ASCII size', content: text, listed: 300_000n, recorded: 300_000 },
  { what: 'something of an empty file', content: Buffer.alloc(0), listed: 5n, recorded: 5 },
  { what: 'far too much', content: text, listed: 50_000_000n, recorded: 50_000_000 },
  { what: 'more than any disk has', content: text, listed: 2n ** 46n + 1n },
  { what: '-1', content: text, listed: -1n },
  { what: '32 bits that overflowed', content: text, listed: -1_294_967_296n },
  { what: 'the largest of 64 bits', content: text, listed: 2n ** 63n - 1n },
];

/** A server whose root has the one file `f`. */
export function wrongFtp({ content, listed }: WrongSize, form: 'MLSD' | 'LIST'): FtpScript {
  const size = listed === undefined ? '' : `size=${listed};`;
  const listing = {
    MLSD: `type=file;${size}modify=20200102030405; f\r\n`,
    LIST: `-rw-r--r--   1 owner    group    ${listed} Jan 02  2020 f\r\n`,
  };
  return {
    files: { f: content.toString('latin1') },
    features: form === 'MLSD' ? ['MLST type*;size*;modify*;'] : [],
    on: async (command, _argument, peer) => {
      if (command !== 'MLSD' && command !== 'LIST') return false;
      const data = await peer.data();
      peer.say('150 here');
      data.end(listing[command], 'latin1', () => peer.say('226 done'));
      return true;
    },
  };
}

/** What the server says of an open file: nothing, the truth, or the same as in its listing. */
export type Fstat = 'refused' | 'right' | 'as listed';

/** A server whose root has the one file `f`. */
export function wrongSftp({ content, listed }: WrongSize, fstat: Fstat): SftpScript {
  const known = { mode: 0o100644, mtime: 1_600_000_000 };
  const wrong: ScriptedName = {
    name: 'f',
    ...known,
    ...(listed !== undefined && { size: listed }),
  };
  return {
    content,
    names: [wrong],
    answer: ({ type, subject }, reply) => {
      const isRoot = subject === '/' || subject === '/.';
      if (type === 7) reply.attributes(isRoot ? { ...known, mode: 0o40755, size: 0 } : wrong);
      else if (type === 8 && fstat === 'refused') reply.status(8, 'no');
      else if (type === 8 && fstat === 'right')
        reply.attributes({ ...known, size: content.length });
      else if (type === 8) reply.attributes(wrong);
      else return false;
      return true;
    },
  };
}
