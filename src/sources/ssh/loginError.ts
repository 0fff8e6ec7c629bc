import { BackupError, messageOf } from '../../base/errors';
import { printable } from '../../model/remotePath';

export type Stage = 'handshake' | 'authentication';

/** RFC 4253, section 11.1. */
const protocolError = 2;
const tooManyConnections = 12;
const noMoreMethods = 14;

/** What an error of ssh2 during the login means. */
export function loginError(error: unknown, stage: Stage, address: string): BackupError {
  const options = { cause: error, scope: 'run' } as const;
  const said = printable(messageOf(error)).slice(0, 300);
  const reason = typeof error === 'object' && error !== null && 'code' in error ? error.code : 0;
  if (reason === tooManyConnections) {
    const message = `${address} has too many connections already: ${said}.`;
    return new BackupError('too-many-connections', message, options);
  }
  if (stage === 'authentication' && (reason === protocolError || reason === noMoreMethods)) {
    return new BackupError('authentication', `${address} ended the login: ${said}.`, options);
  }
  if (levelOf(error) === 'handshake') {
    const message = `No safe way to talk to ${address} was agreed on: ${said}.`;
    return new BackupError('protocol', message, options);
  }
  if (levelOf(error) === 'client-authentication') {
    return new BackupError('authentication', `${address} refuses the login: ${said}.`, options);
  }
  const message = `The connection to ${address} was lost during the login: ${said}.`;
  return new BackupError('connection', message, options);
}

function levelOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'level' in error ? error.level : undefined;
}
