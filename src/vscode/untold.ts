import { commands, l10n, window } from 'vscode';
import type { Verified } from '../jobs/verify/verified';
import { smtpEndpoint } from '../model/configuration/reporting';
import type { Server } from '../model/configuration/server';
import { newsOfDamage } from '../report/newsOfDamage';
import type { Untold } from '../report/tell';
import { command } from './commandIds';

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
  server: Server,
  verified: readonly Verified[],
): { readonly kind: 'changed'; readonly message: string } | undefined {
  const damaged = verified.filter(({ status }) => status === 'damaged');
  if (damaged.length === 0) return undefined;
  const { subject: message, outline } = newsOfDamage(server, damaged, l10n);
  const mend = l10n.t('Repair…');
  const open = l10n.t('Show Report');
  void window.showErrorMessage(`${message}. ${outline.verdict}`, mend, open).then((picked) => {
    if (picked === undefined) return;
    const id = picked === mend ? command.repair : command.showVerification;
    void commands.executeCommand(id, { kind: 'server', server });
  });
  return { kind: 'changed', message };
}

/** The endpoint of the mail account that the reports of a server are sent by; undefined: none with a login. */
export function mailAccountOf({ report }: Server): string | undefined {
  return report?.mail && smtpEndpoint(report.mail.smtp);
}
