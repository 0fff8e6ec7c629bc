import { l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { messageOf } from '../../base/errors';
import { requireNote } from '../../store/notes';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { serversFor, snapshotFor } from '../targets';
import { dateText } from '../words';
import { backUpServers } from './backups';

/** *Back Up with a Note…*: the note stands at the snapshot that comes of it. */
export async function backUpWithNote(
  parts: Parts,
  node?: AnyNode,
  selected?: readonly AnyNode[],
): Promise<void> {
  const servers = await serversFor(parts, node, selected, l10n.t('Back up which server?'));
  const names = servers.map(({ name }) => name).join(', ');
  const prompt = l10n.t('What is special about this backup? An empty note is none.');
  const note = await askForNote(l10n.t('Back up {0} with a note', names), prompt, '');
  await backUpServers(parts, servers, note === '' ? undefined : note);
}

/** *Note…*: what a person has to say of a snapshot, then or later. */
export async function setNote(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, summary } = await snapshotFor(parts, node, l10n.t('A note on which snapshot?'));
  const { notes } = parts.runs.storeOf(server);
  const title = l10n.t('Note on the snapshot of {0} from {1}', server, dateText(summary.id));
  const prompt = l10n.t('It stands in the lists and in the report. An empty note is removed.');
  const note = await askForNote(title, prompt, notes.of(summary.id) ?? '');
  await notes.set(summary.id, note);
  parts.snapshotsTree.refresh();
}

async function askForNote(title: string, prompt: string, value: string): Promise<string> {
  const note = await window.showInputBox({
    ...{ title, prompt, value, ignoreFocusOut: true },
    placeHolder: l10n.t('before the update to 6.8'),
    validateInput: faultOf,
  });
  if (note === undefined) throw cancelled();
  return requireNote(note);
}

function faultOf(text: string): string | undefined {
  try {
    requireNote(text);
    return undefined;
  } catch (error) {
    return messageOf(error);
  }
}
