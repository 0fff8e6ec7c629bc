import { commands, env, InputBoxValidationSeverity, l10n, ProgressLocation, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { personNeeded } from '../../jobs/connect/personNeeded';
import { withField } from '../../model/configuration/editText';
import type { Server } from '../../model/configuration/server';
import { Schedule } from '../../model/schedule/schedule';
import { scheduleWords } from '../../model/schedule/scheduleWords';
import { helpAgainst, wordsOf } from '../errorWords';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { nextText, scheduleText } from '../scheduleText';
import { serverFor } from '../targets';

const usual = ['0 * * * *', '0 7 * * *', '0 2 * * *', '0 7 * * 1-5', '0 3 * * 0', '0 3 1 * *'];

/** *Set Schedule…*: of usual choices, a cron expression, or none. */
export async function setSchedule(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Set the schedule of which server?'));
  const text = await askForSchedule(server);
  const { file, own } = parts.configuration.placeOf(server.name);
  await file.edit((before) => withField(before, ['servers', own, 'schedule'], text));
  if (text === undefined) {
    void window.showInformationMessage(l10n.t('{0} is backed up by hand only.', server.name));
    return;
  }
  await tellWhatIsNeeded(parts, parts.configuration.server(server.name));
}

async function askForSchedule(server: Server): Promise<string | undefined> {
  const current = server.unattended?.schedule;
  const choices = usual.map((text) => ({ label: wordsFor(text), description: text, text }));
  const byHand = { label: l10n.t('By hand only'), description: '', text: '' };
  const other = { label: l10n.t('Other…'), description: l10n.t('a cron expression'), text: '?' };
  const items = [...choices, other, byHand].map((item) => ({
    ...item,
    ...(item.text === (current ?? '') && { detail: l10n.t('as it is now') }),
  }));
  const title = l10n.t('When is {0} to be backed up?', server.name);
  const placeHolder = scheduleText(server) ?? l10n.t('By hand only');
  const picked = await window.showQuickPick(items, { title, placeHolder });
  if (!picked) throw cancelled();
  if (picked === items.at(-1)) return undefined;
  return picked.text === '?' ? await askForExpression(title, current) : picked.text;
}

async function askForExpression(title: string, current: string | undefined): Promise<string> {
  const text = await window.showInputBox({
    title,
    value: current ?? '0 7 * * *',
    prompt: l10n.t('Minute, hour, day of the month, month, weekday: or @daily and the like.'),
    ignoreFocusOut: true,
    validateInput: (typed) => {
      const schedule = Schedule.parse(typed);
      if (!schedule) return l10n.t('Accepted is {0}.', '0 7 * * *, @daily');
      return {
        message: scheduleWords(schedule, env.language),
        severity: InputBoxValidationSeverity.Info,
      };
    },
  });
  if (text === undefined) throw cancelled();
  return text.trim();
}

function wordsFor(text: string): string {
  const schedule = Schedule.parse(text);
  return schedule ? scheduleWords(schedule, env.language) : text;
}

/** What a run without a person would lack is said now, and not at seven tomorrow. */
async function tellWhatIsNeeded(parts: Parts, server: Server): Promise<void> {
  const { signal } = new AbortController();
  // A server that does not answer takes its time.
  const shown = {
    location: ProgressLocation.Window,
    title: l10n.t('Checking whether {0} can be backed up without you…', server.name),
  };
  const lacking = await window.withProgress(shown, () =>
    parts.logins.during(false, (environment) => personNeeded(server, environment, signal)),
  );
  const words = [scheduleText(server), nextText(server)].join('. ');
  if (!lacking) {
    void window.showInformationMessage(`${server.name}: ${words}`);
    return;
  }
  const help = server.include.length === 0 ? undefined : helpAgainst(lacking);
  const text =
    server.include.length === 0
      ? l10n.t('{0} has a schedule, but nothing is included yet.', server.name)
      : l10n.t('{0} will not run without you: {1}', server.name, wordsOf(lacking));
  const picked = await window.showWarningMessage(text, ...(help ? [help.title] : []));
  if (help && picked === help.title) {
    await commands.executeCommand(help.command, { kind: 'server', server });
  }
}
