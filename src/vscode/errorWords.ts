import { l10n } from 'vscode';
import { BackupError, messageOf, type ErrorKind } from '../base/errors';
import { command, type CommandId } from './commandIds';

/** What an error is about, in few words of the person's language. */
export function headlineOf(error: unknown): string {
  const headlines: Readonly<Record<ErrorKind, string>> = {
    authentication: l10n.t('The server refused the login.'),
    'host-key': l10n.t('The host key is not trusted.'),
    certificate: l10n.t('The certificate is not trusted.'),
    permission: l10n.t('Not allowed to read this.'),
    'not-found': l10n.t('It is not there (any more).'),
    connection: l10n.t('The connection failed.'),
    timeout: l10n.t('The server does not answer.'),
    'too-many-connections': l10n.t('The server allows no further connection.'),
    protocol: l10n.t('Something is damaged or not understood.'),
    changed: l10n.t('It kept changing while it was read.'),
    'disk-full': l10n.t('The disk is full.'),
    configuration: l10n.t('The configuration does not allow this.'),
    hook: l10n.t('A command on the server failed.'),
    locked: l10n.t('A backup of this server is under way.'),
    cancelled: l10n.t('Cancelled. The next run continues where it stopped.'),
  };
  return error instanceof BackupError ? headlines[error.kind] : l10n.t('Something went wrong.');
}

/** The headline, and what the engine says of it. */
export function wordsOf(error: unknown): string {
  const saysAll = error instanceof BackupError && error.kind === 'locked';
  if (saysAll) return headlineOf(error);
  return `${headlineOf(error)} ${messageOf(error)}`;
}

/** The command that helps against an error, and what it is called. */
export function helpAgainst(error: unknown): { title: string; command: CommandId } | undefined {
  if (!(error instanceof BackupError)) return undefined;
  switch (error.kind) {
    case 'host-key':
    case 'certificate':
      return { title: l10n.t('Check the Identity…'), command: command.trustServer };
    case 'authentication':
      return { title: l10n.t('Set Password…'), command: command.setPassword };
    case 'configuration':
      return { title: l10n.t('Open Configuration'), command: command.openConfiguration };
    default:
      return undefined;
  }
}
