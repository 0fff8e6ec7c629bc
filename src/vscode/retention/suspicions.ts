import { commands, l10n, window, workspace, type Disposable } from 'vscode';
import { cancelled } from '../../base/abort';
import type { Suspicion } from '../../model/retention/suspicion';
import { lossText } from '../../report/lossText';
import { command } from '../commandIds';
import { requireTrust } from '../logins';
import { serverOf, type AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { dateText } from '../words';

/**
 * Asks about what the guard does not believe, once in each window: the question stands on the rows and in
 * the status bar as long as nobody has answered it.
 */
export class SuspicionQuestions implements Disposable {
  readonly #parts: Parts;
  readonly #answer: (action: () => Promise<void>) => Promise<void>;
  readonly #asked = new Set<string>();
  readonly #subscriptions: Disposable[];

  /** @param answer does what a person wants, and tells them what fails */
  constructor(parts: Parts, answer: (action: () => Promise<void>) => Promise<void>) {
    this.#parts = parts;
    this.#answer = answer;
    const ask = (): void => this.#ask();
    this.#subscriptions = [parts.runs.onDidChange(ask), workspace.onDidGrantWorkspaceTrust(ask)];
  }

  dispose(): void {
    for (const subscription of this.#subscriptions) subscription.dispose();
  }

  #ask(): void {
    // An answer is written.
    if (!workspace.isTrusted) return;
    const { configuration, runs } = this.#parts;
    for (const { name } of configuration.servers) {
      const [suspicion] = runs.stateOf(name)?.suspicions ?? [];
      const key = `${name} ${suspicion?.snapshot ?? ''}`;
      if (!suspicion || this.#asked.has(key)) continue;
      this.#asked.add(key);
      void this.#answer(() => askAbout(this.#parts, name, suspicion));
    }
  }
}

async function askAbout(parts: Parts, server: string, suspicion: Suspicion): Promise<void> {
  const look = l10n.t('Look at the Changes');
  const right = l10n.t('It Is All Right');
  const text = l10n.t(
    '{0}, backup of {1}: {2}. Is that right? Until you have answered, no older snapshot is removed.',
    server,
    dateText(suspicion.snapshot),
    lossText(suspicion, l10n),
  );
  const picked = await parts.notices.whenQuiet(() => window.showWarningMessage(text, look, right));
  if (picked === look) await showChanges(parts, server, suspicion);
  if (picked === right) await accept(parts, server, [suspicion]);
}

interface Open {
  readonly server: string;
  /** Newest first, at least one. */
  readonly suspicions: readonly Suspicion[];
}

/** *Look at the Changes*: of the suspicious snapshot, since the one before it. */
export async function lookAtSuspicion(parts: Parts, node?: AnyNode): Promise<void> {
  const open = await openFor(parts, node);
  const [suspicion] = open?.suspicions ?? [];
  if (!open || !suspicion) return;
  await showChanges(parts, open.server, suspicion);
}

async function showChanges(parts: Parts, server: string, { snapshot }: Suspicion): Promise<void> {
  const summary = await parts.runs.storeOf(server).summary(snapshot);
  const row = { kind: 'snapshot', server, summary };
  await commands.executeCommand(command.compareSnapshotWithPrevious, row);
}

/** *It Is All Right…*: asks once more, with what was lost. */
export async function acceptSuspicion(parts: Parts, node?: AnyNode): Promise<void> {
  const open = await openFor(parts, node);
  const [newest] = open?.suspicions ?? [];
  if (!open || !newest) return;
  if ((await confirm(open)) === 'look') await showChanges(parts, open.server, newest);
  else await accept(parts, open.server, open.suspicions);
}

async function accept(
  parts: Parts,
  server: string,
  suspicions: readonly Suspicion[],
): Promise<void> {
  requireTrust();
  const { guard } = parts.runs.storeOf(server);
  for (const { snapshot } of suspicions) guard.accept(snapshot);
  await parts.runs.look();
  parts.snapshotsTree.refresh();
  void window.showInformationMessage(
    l10n.t('{0}: taken for right. The next complete backup thins out again.', server),
  );
}

async function confirm({ server, suspicions }: Open): Promise<'right' | 'look'> {
  const lines = suspicions.map((suspicion) =>
    l10n.t('{0}: {1}', dateText(suspicion.snapshot), lossText(suspicion, l10n)),
  );
  const detail = [
    ...lines,
    '',
    l10n.t(
      'If it is right, older snapshots may be removed again as the rule says. If it is not: leave it as it is, and restore from an older snapshot.',
    ),
  ].join('\n');
  const look = l10n.t('Look at the Changes');
  const right = l10n.t('It Is All Right');
  const question = l10n.t('Is it right what {0} has lost?', server);
  const picked = await window.showWarningMessage(question, { modal: true, detail }, look, right);
  if (picked === undefined) throw cancelled();
  return picked === right ? 'right' : 'look';
}

/** What is open of the row, else of the only server or the one that is picked; undefined: nothing is. */
async function openFor(parts: Parts, node: AnyNode | undefined): Promise<Open | undefined> {
  const found = parts.configuration.servers.flatMap(({ name }): Open[] => {
    const { suspicions } = parts.runs.stateOf(name) ?? {};
    return suspicions ? [{ server: name, suspicions }] : [];
  });
  const name = node && serverOf(node);
  const meant = name === undefined ? found : found.filter(({ server }) => server === name);
  const open = meant.length > 1 ? await pickOne(meant) : meant[0];
  if (!open) {
    void window.showInformationMessage(l10n.t('Nothing is suspicious.'));
    return undefined;
  }
  if (node?.kind !== 'snapshot') return open;
  const own = open.suspicions.filter(({ snapshot }) => snapshot === node.summary.id);
  return own.length > 0 ? { ...open, suspicions: own } : open;
}

async function pickOne(found: readonly Open[]): Promise<Open> {
  const items = found.map((open) => ({
    label: open.server,
    description: open.suspicions.map((suspicion) => lossText(suspicion, l10n)).join(', '),
    open,
  }));
  const picked = await window.showQuickPick(items, { title: l10n.t('Which server?') });
  if (!picked) throw cancelled();
  return picked.open;
}
