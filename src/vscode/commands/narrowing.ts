import { l10n, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { absolute, remotePath, rootPath, type RemotePath } from '../../model/remotePath';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { withProgress } from '../restore/withProgress';
import { serverFor } from '../targets';

interface Meant {
  readonly server: string;
  readonly path: RemotePath;
}

/** *Filter Snapshots by Path*: only those in which the file or folder changed are shown. */
export async function filterByPath(parts: Parts, node?: AnyNode): Promise<void> {
  const { server, path } = meantBy(node) ?? (await askForPath(parts, node));
  let done = 0;
  let all = 0;
  const title = l10n.t('Looking for changes of {0}', absolute(path));
  const found = await withProgress(
    title,
    () => `${done}/${all}`,
    (signal) =>
      parts.filter.narrow({ server, store: parts.runs.storeOf(server), path }, signal, (n, of) => {
        done = n;
        all = of;
      }),
  );
  if (found > 0) return;
  await parts.filter.showAll();
  throw new BackupError(
    'not-found',
    l10n.t('No snapshot of {0} has {1}. Look at how the path is written.', server, absolute(path)),
  );
}

/** *Show All Snapshots* */
export async function showAllSnapshots(parts: Parts): Promise<void> {
  await parts.filter.showAll();
}

function meantBy(node: AnyNode | undefined): Meant | undefined {
  if (node?.kind === 'file') return { server: node.server, path: node.entry.path };
  if (node?.kind === 'entry') return { server: node.server.name, path: node.entry.path };
  return undefined;
}

/** What is selected is proposed. */
async function askForPath(parts: Parts, node: AnyNode | undefined): Promise<Meant> {
  const selected = node ?? parts.snapshotsView.selection[0];
  const proposed = meantBy(selected);
  const { name } = await serverFor(
    parts,
    selected,
    l10n.t('Filter the snapshots of which server?'),
  );
  const typed = await window.showInputBox({
    title: l10n.t('Only snapshots of {0} in which this changed', name),
    prompt: l10n.t('A file or folder, as its path is on the server'),
    placeHolder: '/var/www/index.php',
    value: proposed ? absolute(proposed.path) : '',
    ignoreFocusOut: true,
    validateInput: faultOf,
  });
  if (typed === undefined) throw cancelled();
  return { server: name, path: remotePath(typed) };
}

function faultOf(text: string): string | undefined {
  try {
    return remotePath(text) === rootPath ? l10n.t('Something has to stand here.') : undefined;
  } catch (error) {
    return messageOf(error);
  }
}
