import { commands, l10n, window } from 'vscode';
import type { Verified } from '../jobs/verify/verified';
import { smtpEndpoint } from '../model/configuration/reporting';
import type { Server } from '../model/configuration/server';
import { newsOfDamage } from '../report/newsOfDamage';
import type { Untold } from '../report/tell';
import { command } from './commandIds';
import type { WorkspaceConfiguration } from './workspaceConfiguration';

/** Says which reports could not be sent, and why; the backup itself is not in question. */
export function showUntold(server: Server, untold: readonly Untold[]): void {
  if (untold.length === 0) return;
  const why = untold.map(({ message }) => message).join(' ');
  const isMail = untold.some(({ path }) => path === 'report.mail');
  const help = isMail && mailAccountOf(server) !== undefined ? [l10n.t('Set Mail Password…')] : [];
  const text = `${server.name}: ${why}`;
  void window.showWarningMessage(text, ...help).then((picked) => {
    if (picked === undefined) return;
    void commands.executeCommand(command.setMailPassword, { kind: 'server', server });
  });
}

/** Says what reading snapshots again has found to be damaged, and gives it as the failure that it counts for. */
export function showDamage(
  configuration: WorkspaceConfiguration,
  server: Server,
  verified: readonly Verified[],
): { readonly kind: 'changed'; readonly message: string } | undefined {
  const damaged = verified.filter(({ status }) => status === 'damaged');
  if (damaged.length === 0) return undefined;
  const { subject: message } = newsOfDamage(server, damaged, l10n);
  // It names a command, which knows the server by its own name.
  const own = { ...server, name: configuration.ownNameOf(server.name) };
  const { verdict } = newsOfDamage(own, damaged, l10n).outline;
  const text = [`${message}.`, verdict, ...placeOfCommands(configuration, server)].join(' ');
  const mend = l10n.t('Repair…');
  const open = l10n.t('Show Report');
  void window.showErrorMessage(text, mend, open).then((picked) => {
    if (picked === undefined) return;
    const id = picked === mend ? command.repair : command.showVerification;
    void commands.executeCommand(id, { kind: 'server', server });
  });
  return { kind: 'changed', message };
}

/** Where a command in a terminal finds the server, if that is not clear. */
function placeOfCommands(configuration: WorkspaceConfiguration, { name }: Server): string[] {
  if (!configuration.hasSeveral) return [];
  const { folder } = configuration.placeOf(name).file;
  return [l10n.t('The folder for the terminal is {0}.', folder)];
}

/** The endpoint of the mail account that the reports of a server are sent by; undefined: none with a login. */
export function mailAccountOf({ report }: Server): string | undefined {
  return report?.mail && smtpEndpoint(report.mail.smtp);
}
