import { execFile } from 'node:child_process';
import fs from 'node:fs';
import { BackupError, messageOf } from '../base/errors';

/** The first line of a file that only its owner may read. Throws `configuration`. */
export function readSecretFile(file: string): string {
  try {
    const open = fs.openSync(file, 'r');
    try {
      if (process.platform !== 'win32' && (fs.fstatSync(open).mode & 0o077) !== 0) {
        throw new BackupError('configuration', `Others may read ${file}. Run: chmod 600 ${file}`);
      }
      return firstLine(fs.readFileSync(open));
    } finally {
      fs.closeSync(open);
    }
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError(
      'configuration',
      `The password file cannot be read: ${messageOf(error)}.`,
    );
  }
}

const commandDeadline = 60_000;
/** What a shell ends with if it knows no such program. */
const notFound = 127;

export interface SecretCommand {
  readonly text: string;
  /** All that the command sees of the environment. */
  readonly env: NodeJS.ProcessEnv;
  /** Where the secret belongs to: `SAUVEGARDE_ENDPOINT` for the command. */
  readonly endpoint: string;
}

/**
 * The first line that a command prints; it runs in a shell, as `sudo -A` and git do it. Throws
 * `configuration`, without a word of what it printed.
 */
export async function runSecretCommand({ text, env, endpoint }: SecretCommand): Promise<string> {
  const [shell, flag] = process.platform === 'win32' ? ['cmd.exe', '/c'] : ['/bin/sh', '-c'];
  const secret = await new Promise<string>((resolve, reject) => {
    const options = {
      timeout: commandDeadline,
      env: { ...env, SAUVEGARDE_ENDPOINT: endpoint },
      encoding: 'buffer' as const,
    };
    execFile(shell, [flag, text], options, (error, output) => {
      if (error) reject(failed(error.code, env));
      else resolve(firstLine(output));
    });
  });
  if (secret !== '') return secret;
  throw new BackupError('configuration', 'The password command printed nothing.');
}

function failed(code: unknown, env: NodeJS.ProcessEnv): BackupError {
  // Run by hand, it may well work: the terminal has another PATH, and agents.
  const isBare = env['PATH'] !== process.env['PATH'];
  const missing = code === notFound ? ' A program in it was not found.' : '';
  const where = isBare
    ? ` It ran as the scheduler runs it, where PATH is ${env['PATH'] ?? 'not set'} and no agent is there: name programs by their full paths.`
    : ' Run it by hand to see why.';
  return new BackupError('configuration', `The password command failed.${missing}${where}`);
}

function firstLine(bytes: Buffer): string {
  return decode(bytes).split(/\r\n|\n|\r/, 1)[0] ?? '';
}

/**
 * UTF-8 or UTF-16 (what Windows PowerShell writes with `>`), with a byte order mark or without: no
 * password holds a NUL, and UTF-16 has one beside each ASCII character, the line feed at least. What is
 * no UTF-8 is taken for Latin-1.
 */
function decode(bytes: Buffer): string {
  const order = orderOf(bytes);
  if (order === undefined) {
    const text = bytes.toString('utf8');
    const isUtf8 = Buffer.from(text, 'utf8').equals(bytes);
    return (isUtf8 ? text : bytes.toString('latin1')).replace(/^\ufeff/, '');
  }
  const even = Buffer.from(bytes.subarray(0, bytes.length - (bytes.length % 2)));
  return (order === 'big' ? even.swap16() : even).toString('utf16le').replace(/^\ufeff/, '');
}

function orderOf(bytes: Buffer): 'little' | 'big' | undefined {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return 'little';
  if (first === 0xfe && second === 0xff) return 'big';
  const zero = bytes.indexOf(0);
  return zero < 0 ? undefined : zero % 2 === 1 ? 'little' : 'big';
}
