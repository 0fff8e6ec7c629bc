import { l10n, window } from 'vscode';
import type { UnseenCommand } from '../jobs/backUp/approvedCommands';
import { endpointOf, type Server } from '../model/configuration/server';
import { printable } from '../model/remotePath';

/** Shows the commands that the configuration file wants to run on a server. Resolves with whether they may. */
export async function askForApproval(
  server: Server,
  commands: readonly UnseenCommand[],
): Promise<boolean> {
  const question = l10n.t('Run these commands on {0}?', endpointOf(server));
  const run = l10n.t('Run Them');
  const advice = l10n.t(
    'They stand in the configuration file, and were not run from this computer before. You are asked once for each text.',
  );
  const shown = commands.map(({ name, text }) => `${name}: ${shownCommand(text)}`);
  const detail = [...shown, '', advice].join('\n');
  const picked = await window.showWarningMessage(question, { modal: true, detail }, run);
  return picked === run;
}

/** Line by line, and nothing in it that could hide a part: control characters are written out. */
function shownCommand(text: string): string {
  return text
    .split('\n')
    .map((line) => printable(Buffer.from(line, 'utf8').toString('latin1')))
    .join('\n');
}
