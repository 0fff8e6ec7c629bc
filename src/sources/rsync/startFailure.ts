import { withDeadline } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { ByteReader } from './byteReader';
import { quoted } from './protocolError';
import type { ServerTexts } from './serverTexts';
import type { Transport } from './transport';

/** Exit code of a shell that knows no such command. */
const commandNotFound = 127;
/** Milliseconds that a server may take to say how its rsync ended. */
const patience = 2000;
const noCommand =
  /command not found|not recognized|No such file or directory.*rsync|rsync: not found/i;

const optionRefused = /^usage:|usage: \S*rsync|(?:illegal|invalid|unknown|unrecognized) option/i;

/** The version of the protocol and what follows it, behind whatever was printed before. */
const versionAndRest = /[\x14-\x28]\0\0\0[^]*$/;

/**
 * Text came where the version of the protocol belongs. If rsync speaks behind it, a start-up file has
 * printed it ("is your shell clean?" in rsync's words); if the server ends, it says why there is none.
 */
export async function noiseError(
  first: Buffer,
  reader: ByteReader,
  transport: Transport,
): Promise<BackupError> {
  const text = Buffer.concat([first, reader.takeUpTo(300)]).toString('latin1');
  const spoke = versionAndRest.test(text);
  const said = quoted(text.replace(versionAndRest, '').trim());
  const ended = !spoke && (await exitCode(transport)) !== undefined;
  const message = ended
    ? `The server does not run rsync; it says ${said}. Check what the account may do, or use "sftp".`
    : `The server sent ${said} before rsync spoke: a start-up file of the account (.bashrc) may print it. Make it silent for logins without a terminal.`;
  return new BackupError('protocol', message, { scope: 'run' });
}

/** Why rsync did not start, by what the server says of it. Errors of a greeting concern the run. */
export async function failureOf(
  error: unknown,
  transport: Transport,
  texts: ServerTexts,
): Promise<unknown> {
  if (!(error instanceof BackupError) || error.kind === 'cancelled') return error;
  const code = error.kind === 'connection' ? await exitCode(transport) : undefined;
  const said = texts.summary;
  if (code === commandNotFound || noCommand.test(said)) {
    const message = `There is no rsync on the server (it says: ${quoted(said)}). Install rsync there, or use "sftp".`;
    return new BackupError('protocol', message, { scope: 'run', cause: error });
  }
  const wrapped = wrappedError(said);
  if (wrapped) return wrapped;
  const reason = optionRefused.test(said) ? new RefusedOption(said) : error;
  if (code !== undefined) {
    const message = `The server refuses to run rsync: ${said === '' ? `it ended with code ${code}` : said}. Check what the account may do, or use "sftp".`;
    return new BackupError('protocol', message, { scope: 'run', cause: reason });
  }
  return error;
}

/** The server's rsync does not know an option: openrsync, or one from before 2004. */
export class RefusedOption extends Error {}

/** rrsync looks at the path itself before rsync does: what it finds concerns the path, not the run. */
function wrappedError(said: string): BackupError | undefined {
  const reason = /rrsync error: .*(No such file or directory|Permission denied)/.exec(said)?.[1];
  if (reason === undefined) return undefined;
  const kind = reason === 'Permission denied' ? 'permission' : 'not-found';
  return new BackupError(kind, `The server says: ${reason}.`);
}

async function exitCode(transport: Transport): Promise<number | undefined> {
  const ended = transport.ended;
  return withDeadline(ended, patience, 'rsync ended').catch(() => undefined);
}
