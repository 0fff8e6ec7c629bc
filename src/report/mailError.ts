import { isCertificateCode } from '../base/authorities';
import { BackupError, messageOf } from '../base/errors';
import type { SmtpSetting } from '../model/configuration/reporting';
import { oneLine } from './shownText';

/** What nodemailer puts on its errors. */
interface SendingFailure {
  readonly code?: unknown;
  /** The system's own code, where `code` is one of nodemailer's. */
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
}

const longestAnswer = 300;

/**
 * Why a mail was not sent. Neither the cause nor any answer from before the end of the login is kept:
 * servers repeat in them what they were told.
 * @param begun whether the mail itself was being sent: then it is not sent again, as it may have arrived
 */
export function mailError(error: unknown, smtp: SmtpSetting, begun: boolean): BackupError {
  if (error instanceof BackupError) return error;
  const failure = error as SendingFailure;
  if (typeof failure.originalCode === 'string' && isCertificateCode(failure.originalCode)) {
    const why = oneLine(messageOf(error)).replace(/\.$/, '');
    return new BackupError(
      'certificate',
      `The certificate of the mail server ${smtp.host} is not trusted: ${why}. Set "ca" of "smtp" to its authority.`,
    );
  }
  return refusal(failure, smtp) ?? breakdown(failure, smtp, begun);
}

/** The server is there, and does not want to. */
function refusal(
  failure: SendingFailure,
  { host, port, username }: SmtpSetting,
): BackupError | undefined {
  const place = `The mail server ${host}:${port}`;
  switch (failure.code) {
    case 'EAUTH':
    case 'ENOAUTH':
      return new BackupError(
        'authentication',
        `${place} refused the login of "${username ?? ''}"${statusOf(failure)}. Check "username" of "smtp" and its password.`,
      );
    case 'ETLS':
      return new BackupError(
        'protocol',
        `${place} does not start encryption${statusOf(failure)}. Set "security" of "smtp" to what it offers.`,
        { scope: 'run' },
      );
    case 'EENVELOPE':
    case 'EMESSAGE': {
      const { response } = failure;
      const answer = typeof response === 'string' ? oneLine(response).slice(0, longestAnswer) : '';
      return new BackupError('protocol', `${place} refused the report: ${answer}`, {
        scope: 'run',
      });
    }
    default:
      return undefined;
  }
}

function breakdown(
  failure: SendingFailure,
  { host, port }: SmtpSetting,
  begun: boolean,
): BackupError {
  const place = `The mail server ${host}:${port}`;
  const options = { transient: !begun };
  if (failure.code === 'ETIMEDOUT')
    return new BackupError('timeout', `${place} does not answer.`, options);
  const { originalCode } = failure;
  const why = typeof originalCode === 'string' ? ` (${originalCode})` : statusOf(failure);
  return new BackupError('connection', `${place} cannot be reached, or broke off${why}.`, options);
}

function statusOf({ responseCode }: SendingFailure): string {
  return typeof responseCode === 'number' ? ` (${responseCode})` : '';
}
