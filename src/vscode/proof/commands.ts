import { commands, l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Amount } from '../../model/amount';
import type { Server } from '../../model/configuration/server';
import { isSnapshotId } from '../../model/snapshotId';
import { entriesText } from '../../report/entriesText';
import { bytesText, grouped } from '../../report/figures';
import { damageCounts, type Proof } from '../../report/proofOutline';
import type { SnapshotSummary } from '../../store/store';
import { command } from '../commandIds';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { serverFor } from '../targets';
import { dateText, filesText } from '../words';
import { busyWords, check, type WantedProof } from './checking';

/** So long reads whoever has no time for everything. */
const aWhile: Amount = { milliseconds: 10 * 60_000 };

/** *Verify…*: a snapshot, or as much of a server as the person says. */
export async function verifySnapshots(parts: Parts, node?: AnyNode): Promise<void> {
  const [selected] = node ? [] : parts.snapshotsView.selection;
  const meant = node ?? selected;
  if (meant?.kind === 'snapshot') {
    const server = parts.configuration.server(meant.server);
    const about = [await parts.runs.storeOf(meant.server).summary(meant.summary.id)];
    const scope = { snapshots: [meant.summary.id] };
    await checkAndTell(parts, { server, scope, repair: false, about });
    return;
  }
  const server = await serverFor(parts, meant, l10n.t('Verify the snapshots of which server?'));
  const wanted = await askHowMuch(parts, server);
  await checkAndTell(parts, { server, repair: false, ...wanted });
}

async function askHowMuch(
  parts: Parts,
  server: Server,
): Promise<Pick<WantedProof, 'scope' | 'amount' | 'about'>> {
  const all = await parts.runs.storeOf(server.name).snapshots();
  const newest = all.find(({ status, safety }) => status === 'complete' && !safety);
  if (all.length === 0) {
    throw new BackupError('not-found', l10n.t('{0} has no snapshot yet.', server.name));
  }
  if (all.length === 1) return { scope: 'all', about: all };
  const items = [
    ...(newest
      ? [
          {
            label: l10n.t('The newest complete snapshot'),
            description: dateText(newest.id),
            value: { scope: 'newest' as const, about: [newest] },
          },
        ]
      : []),
    {
      label: l10n.t('All snapshots'),
      description: l10n.t('{0} snapshots; what they share is read once', grouped(all.length)),
      value: { scope: 'all' as const, about: all },
    },
    {
      label: l10n.t('As much as ten minutes allow'),
      description: l10n.t('of all snapshots, what was read longest ago first'),
      value: { scope: 'all' as const, amount: aWhile },
    },
  ];
  const title = l10n.t('How much of {0} is to be read and compared?', server.name);
  const picked = await window.showQuickPick(items, { title });
  if (!picked) throw cancelled();
  return picked.value;
}

/** A snapshot as a link of a document names it. */
interface Named {
  readonly server: string;
  readonly snapshot: string;
}

function isNamed(value: unknown): value is Named {
  if (typeof value !== 'object' || value === null || 'kind' in value) return false;
  const { server, snapshot } = value as Partial<Record<string, unknown>>;
  return typeof server === 'string' && typeof snapshot === 'string' && isSnapshotId(snapshot);
}

/** *Repair…*: a snapshot, or all of a server that is known to be damaged. Asks before it writes. */
export async function repair(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, snapshots } = await damagedFor(parts, node);
  if (snapshots.length === 0) {
    const verify = l10n.t('Verify…');
    const text = l10n.t('{0}: nothing is known to be damaged. Verify it to be sure.', server.name);
    if ((await window.showInformationMessage(text, verify)) === verify) {
      await commands.executeCommand(command.verify, { kind: 'store', server: server.name });
    }
    return;
  }
  await askToRepair(parts, server, snapshots);
  // In one go: what one has lost may stand in another, whose list of files must be right first.
  const scope = { snapshots: snapshots.map(({ id }) => id) };
  await checkAndTell(parts, { server, scope, repair: true, about: snapshots });
}

async function damagedFor(
  parts: Parts,
  node: AnyNode | undefined,
): Promise<{ readonly server: Server; readonly snapshots: readonly SnapshotSummary[] }> {
  const [selected] = node ? [] : parts.snapshotsView.selection;
  const meant: unknown = node ?? (selected?.kind === 'snapshot' ? selected : undefined);
  const named = isNamed(meant) ? meant : snapshotOf(meant as AnyNode | undefined);
  if (named) {
    const server = parts.configuration.server(named.server);
    return { server, snapshots: [await parts.runs.storeOf(server.name).summary(named.snapshot)] };
  }
  const server = await damagedServer(parts, meant as AnyNode | undefined);
  const store = parts.runs.storeOf(server.name);
  const snapshots = (await store.snapshots()).filter((one) =>
    parts.proving.isHurt(server.name, store, one),
  );
  return { server, snapshots };
}

/** Without a row: the only one that is damaged, if there is one. */
async function damagedServer(parts: Parts, node: AnyNode | undefined): Promise<Server> {
  const { servers } = parts.configuration;
  const damaged = servers.filter(({ name }) => parts.runs.stateOf(name)?.damage);
  const [only] = damaged;
  if (!node && only && damaged.length === 1) return only;
  return await serverFor(parts, node, l10n.t('Repair the snapshots of which server?'));
}

function snapshotOf(node: AnyNode | undefined): Named | undefined {
  return node?.kind === 'snapshot' ? { server: node.server, snapshot: node.summary.id } : undefined;
}

async function askToRepair(
  parts: Parts,
  { name }: Server,
  snapshots: readonly SnapshotSummary[],
): Promise<void> {
  const [first] = snapshots;
  const question =
    first && snapshots.length === 1
      ? l10n.t('Repair the snapshot of {0} from {1}?', name, dateText(first.id))
      : l10n.t('Repair {0} snapshots of {1}?', snapshots.length, name);
  const detail = [
    l10n.t(
      'It is read again. What is damaged or missing is put back from another snapshot, or fetched from the server if that still has exactly this version.',
    ),
    l10n.t(
      'Nothing is deleted: what was edited or does not belong there is moved to {0}.',
      parts.runs.storeOf(name).layout.quarantine,
    ),
  ].join('\n\n');
  const yes = l10n.t('Repair');
  const picked = await window.showWarningMessage(question, { modal: true, detail }, yes);
  if (picked !== yes) throw cancelled();
}

async function checkAndTell(parts: Parts, wanted: WantedProof): Promise<void> {
  const { name } = wanted.server;
  let proof: Proof;
  try {
    proof = await check(parts, wanted);
  } catch (error) {
    const busy = busyWords(error, name);
    if (busy === undefined) throw error;
    void window.showWarningMessage(busy);
    return;
  }
  await tell(parts, wanted.server, proof);
}

async function tell(parts: Parts, server: Server, proof: Proof): Promise<void> {
  const { left } = damageCounts(proof);
  const open = l10n.t('Show Report');
  const mend = l10n.t('Repair…');
  const answers = left > 0 && !proof.repair ? [mend, open] : [open];
  const show = left > 0 ? window.showErrorMessage : window.showInformationMessage;
  const picked = await show(`${server.name}: ${outcomeText(proof)}`, ...answers);
  // By now it may be another one that is the last.
  if (picked === open) parts.proving.page.show(parts.proving.lastOf(server.name) ?? proof);
  if (picked === mend) {
    await commands.executeCommand(command.repair, { kind: 'store', server: server.name });
  }
}

function outcomeText(proof: Proof): string {
  const { snapshots } = proof;
  const { left, mended } = damageCounts(proof);
  const files = snapshots.reduce((sum, { checkedFiles }) => sum + checkedFiles, 0);
  const bytes = snapshots.reduce((sum, { checkedBytes }) => sum + checkedBytes, 0);
  const read = l10n.t('{0} looked at, {1} read.', filesText(files), bytesText(bytes));
  if (snapshots.length === 0) return l10n.t('there was nothing to look at.');
  if (left === 0 && mended > 0)
    return l10n.t('{0} mended, all is whole again.', entriesText(mended, l10n));
  if (left === 0) return `${wholeText(snapshots.map(({ snapshot }) => snapshot))} ${read}`;
  const damaged = snapshots.filter(({ status }) => status === 'damaged');
  const [first] = damaged;
  const where =
    first && damaged.length === 1
      ? l10n.t('in the snapshot of {0}', dateText(first.snapshot))
      : l10n.t('in {0} snapshots', damaged.length);
  if (proof.repair && mended === 0) {
    return l10n.t('{0} could not be mended {1}.', entriesText(left, l10n), where);
  }
  return proof.repair
    ? l10n.t('{0} mended, {1} still damaged {2}.', entriesText(mended, l10n), grouped(left), where)
    : l10n.t('{0} damaged {1}.', entriesText(left, l10n), where);
}

function wholeText(ids: readonly string[]): string {
  const [first] = ids;
  return first !== undefined && ids.length === 1
    ? l10n.t('the snapshot of {0} is whole.', dateText(first))
    : l10n.t('{0} snapshots are whole.', grouped(ids.length));
}

/** *Show Verification*: the document of the last one in this window. */
export async function showProof(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Show the verification of which server?'));
  const proof = parts.proving.lastOf(server.name);
  if (proof) parts.proving.page.show(proof);
  else await verifySnapshots(parts, { kind: 'store', server: server.name });
}
