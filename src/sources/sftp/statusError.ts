import { BackupError, type ErrorKind } from '../../base/errors';
import { printable } from '../../model/remotePath';
import { limit, status } from './constants';
import type { Fields } from './fields';

/** A `STATUS` answer. */
export interface Status {
  readonly code: number;
  /** The server's own words, fit to be shown. */
  readonly message: string;
}

export function readStatus(fields: Fields): Status {
  const code = fields.uint32();
  // Servers older than version 3 leave the message out.
  const said = fields.isAtEnd ? '' : fields.byteString(limit.message);
  return { code, message: printable(said).slice(0, 200) };
}

const kindOfCode: Readonly<Record<number, ErrorKind>> = {
  [status.noSuchFile]: 'not-found',
  [status.permissionDenied]: 'permission',
  [status.noConnection]: 'connection',
  [status.connectionLost]: 'connection',
};

const words: Partial<Record<ErrorKind, string>> = {
  'not-found': 'does not exist',
  permission: 'may not be read',
  connection: 'was not answered for, as the server lost its connection',
};

/** The error of a request about `shown`, a path for people, that the server refused. */
export function statusError({ code, message }: Status, shown: string): BackupError {
  const kind = kindOfCode[code] ?? 'protocol';
  const said = message === '' ? `status ${code}` : `"${message}" (status ${code})`;
  const fault = words[kind] ?? `could not be read: the server says ${said}`;
  const refusal = new Refusal(code, message);
  return new BackupError(kind, `${shown} ${fault}.`, { cause: refusal });
}

/** What stands behind the error of a request that the server has answered, and refused. */
export class Refusal implements Status {
  readonly code: number;
  readonly message: string;

  constructor(code: number, message: string) {
    this.code = code;
    this.message = message;
  }
}

/** The server's answer behind an error; undefined if the error has another reason. */
export function refusalOf(error: unknown): Refusal | undefined {
  return error instanceof BackupError && error.cause instanceof Refusal ? error.cause : undefined;
}
