import { commands, l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { applyRetention } from '../../jobs/retention/retention';
import { withField } from '../../model/configuration/editText';
import type { Server } from '../../model/configuration/server';
import { keepRuleText, parseKeepRule } from '../../model/retention/keepRule';
import { bytesText, grouped } from '../../report/figures';
import { emptyTrash } from '../../store/removal';
import { command } from '../commandIds';
import { folderOf, serverOf, type AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { withProgress } from '../restore/withProgress';
import { serverFor } from '../targets';
import { faultOfRule, isSameKeep, keepPresets, keepText, type KeepChoice } from './keepChoices';
import { goingOf, retentionOf, type ServerRetention } from './shownRetention';

/** *Keep…*: asks how long, and shows what that would do. Nothing is written before the person has seen it. */
export async function keep(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(
    parts,
    node,
    l10n.t('How long to keep the snapshots of which server?'),
  );
  const choice = await askHowLong(server);
  const rule = choice === 'everything' ? undefined : choice;
  const [planned] = await look(parts, [server], () => rule);
  if (planned) await parts.retention.show({ purpose: 'keep', servers: [planned] });
}

async function askHowLong(server: Server): Promise<KeepChoice> {
  const { keep: current = 'everything' } = server.unattended ?? {};
  const presets = keepPresets().map((preset) => ({
    ...preset,
    ...(isSameKeep(preset.value, current) && { description: l10n.t('as it is now') }),
  }));
  const own = {
    label: l10n.t('Other…'),
    detail: current === 'everything' ? l10n.t('a rule of your own') : keepText(current),
    value: 'own' as const,
    ...(presets.every(({ description }) => description === undefined) && {
      description: l10n.t('as it is now'),
    }),
  };
  const title = l10n.t('How long are the snapshots of {0} kept?', server.name);
  const placeHolder = l10n.t('You see what stays and what goes before anything is written');
  const picked = await window.showQuickPick([...presets, own], { title, placeHolder });
  if (!picked) throw cancelled();
  return picked.value === 'own' ? await askForRule(title, current) : picked.value;
}

async function askForRule(title: string, current: KeepChoice): Promise<KeepChoice> {
  const typed = await window.showInputBox({
    title,
    value:
      current === 'everything' ? 'last 3, daily 7, weekly 4, monthly 12' : keepRuleText(current),
    prompt: l10n.t('The newest of so many days, weeks, months …; the parts add up.'),
    ignoreFocusOut: true,
    validateInput: faultOfRule,
  });
  const rule = typed === undefined ? undefined : parseKeepRule(typed);
  if (!rule) throw cancelled();
  return rule;
}

/** *Free Up Space…*: what the rules of all servers let go, or those of one. Nothing is removed yet. */
export async function freeUpSpace(parts: Parts, node?: AnyNode): Promise<void> {
  const name = node && serverOf(node);
  const { configuration } = parts;
  const file = node && folderOf(node);
  const all = file ? configuration.serversOf(file) : configuration.servers;
  const servers = name === undefined ? all : [configuration.server(name)];
  const planned = await look(parts, servers, ({ unattended }) => unattended?.keep);
  await parts.retention.show({
    purpose: 'free',
    servers: planned.filter(({ decisions }) => decisions.length > 0),
  });
}

async function look(
  parts: Parts,
  servers: readonly Server[],
  ruleOf: (server: Server) => ServerRetention['keep'],
): Promise<ServerRetention[]> {
  const planned: ServerRetention[] = [];
  const words = (): string => servers[planned.length]?.name ?? '';
  await withProgress(l10n.t('Looking at what stays'), words, async (signal) => {
    for (const server of servers) {
      planned.push(await retentionOf(parts.configuration, server, ruleOf(server), signal));
    }
  });
  // The guard may have judged anew.
  await parts.runs.look();
  return planned;
}

/** *Keep It So*: writes the rule that is shown. */
export async function keepSo(parts: Parts): Promise<void> {
  const { shown } = parts.retention;
  const [planned] = shown?.servers ?? [];
  if (!planned || shown?.purpose !== 'keep') return;
  const { server, keep: rule } = planned;
  const { file, own } = parts.configuration.placeOf(server.name);
  await file.edit((text) => withField(text, ['servers', own, 'keep'], rule));
  await parts.retention.discard();
  parts.snapshotsTree.refresh();
  await tellRule(planned);
}

async function tellRule(planned: ServerRetention): Promise<void> {
  const { server, keep: rule, plan } = planned;
  if (!rule) {
    void window.showInformationMessage(l10n.t('{0}: everything stays.', server.name));
    return;
  }
  const going = goingOf(planned).length;
  const text = l10n.t(
    '{0} keeps {1}. It is applied after each complete backup.',
    server.name,
    keepText(rule),
  );
  const now = l10n.t('Free Up Space…');
  const what = l10n.t(
    'By now {0} may go and free {1}.',
    snapshotsText(going),
    bytesText(plan.freeing.total),
  );
  const picked =
    going === 0
      ? await window.showInformationMessage(text)
      : await window.showInformationMessage(`${text} ${what}`, now);
  if (picked === now)
    await commands.executeCommand(command.freeUpSpace, { kind: 'server', server });
}

/** *Remove What Goes…*: removes what is shown to go, after a question. */
export async function removeShown(parts: Parts): Promise<void> {
  const { shown } = parts.retention;
  if (shown?.purpose !== 'free') return;
  const servers = shown.servers.filter((one) => goingOf(one).length > 0);
  const going = servers.flatMap(goingOf).length;
  if (going === 0) {
    void window.showInformationMessage(
      l10n.t('Nothing may go: the rules keep all snapshots there are. Change a rule with Keep….'),
    );
    return;
  }
  await askToRemove(servers, going);
  const { removed, freed } = await remove(parts, servers);
  await parts.retention.discard();
  const words = [
    l10n.t('{0} removed, {1} freed.', snapshotsText(removed), bytesText(freed)),
    ...(removed < going
      ? [l10n.t('{0} stay, as something has changed since you looked.', going - removed)]
      : []),
  ];
  void window.showInformationMessage(words.join(' '));
}

async function askToRemove(servers: readonly ServerRetention[], going: number): Promise<void> {
  const bytes = servers.reduce((sum, { plan }) => sum + plan.freeing.total, 0);
  const question = l10n.t('Remove {0} and free {1}?', snapshotsText(going), bytesText(bytes));
  const lines = servers.map(
    (one) =>
      `${one.server.name}: ${snapshotsText(goingOf(one).length)}, ${bytesText(one.plan.freeing.total)}`,
  );
  const detail = [
    ...lines,
    '',
    l10n.t('This cannot be undone. The other snapshots stay whole.'),
  ].join('\n');
  const lookAgain = l10n.t('Look Again');
  const yes = l10n.t('Remove');
  // The button that removes is not the one that Enter presses.
  const picked = await window.showWarningMessage(question, { modal: true, detail }, lookAgain, yes);
  if (picked !== yes) throw cancelled();
}

async function remove(
  parts: Parts,
  servers: readonly ServerRetention[],
): Promise<{ readonly removed: number; readonly freed: number }> {
  let removed = 0;
  let freed = 0;
  const words = (): string => snapshotsText(removed);
  try {
    await withProgress(l10n.t('Removing snapshots'), words, async (signal) => {
      for (const shown of servers) {
        const { server, store } = parts.configuration.inFolder(shown.server.name);
        const only = new Set(goingOf(shown));
        const result = await applyRetention({ server, store, clock: systemClock, signal, only });
        removed += result.removed.length;
        freed += result.freedBytes;
        await emptyTrash(store);
      }
    });
  } finally {
    await parts.runs.look();
    parts.snapshotsTree.refresh();
  }
  return { removed, freed };
}

/** *Discard the Preview* */
export async function discardRetention(parts: Parts): Promise<void> {
  await parts.retention.discard();
}

function snapshotsText(count: number): string {
  return count === 1 ? l10n.t('1 snapshot') : l10n.t('{0} snapshots', grouped(count));
}
