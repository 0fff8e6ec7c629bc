import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { commands, l10n, Uri, window, workspace } from 'vscode';
import { cancelled } from '../../base/abort';
import { systemClock } from '../../base/clock';
import { BackupError } from '../../base/errors';
import { withAccepted, type Accepted } from '../../model/configuration/pinFingerprint';
import { withServer, withoutServer } from '../../model/configuration/editServer';
import { importedServers, type ImportedServer } from '../../model/configuration/importedServers';
import { endpointOf } from '../../model/configuration/server';
import type { ConfigurationFile } from '../configurationFile';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { passphraseKey } from '../secrets';
import { folderFor, serverFor } from '../targets';
import { askForTrust, hasIdentity } from '../trust';
import { mailAccountOf } from '../untold';
import { connect } from './editServers';

/** *Remove*: takes a server out of the configuration; its snapshots stay unless the person says otherwise. */
export async function removeServer(parts: Parts, node?: AnyNode): Promise<void> {
  const { name } = await serverFor(parts, node, l10n.t('Remove which server?'));
  if (parts.runs.activeOn(name)) {
    throw new BackupError('locked', l10n.t('Cancel the backup of {0} first.', name));
  }
  const store = parts.runs.storeOf(name);
  const count = (await store.ids()).length;
  const keep = count > 0 ? l10n.t('Remove, Keep the Snapshots') : l10n.t('Remove');
  const deleteAll =
    count === 1
      ? l10n.t('Remove, Delete 1 Snapshot')
      : l10n.t('Remove, Delete {0} Snapshots', count);
  const detail =
    count > 0
      ? l10n.t('Kept snapshots stay as plain files in {0}.', store.layout.root)
      : l10n.t('It has no snapshots.');
  const answers = count > 0 ? [keep, deleteAll] : [keep];
  const question = l10n.t('Remove {0} from the configuration?', name);
  const picked = await window.showWarningMessage(question, { modal: true, detail }, ...answers);
  if (picked === undefined) throw cancelled();
  // Another window or program may be writing into it: then nothing is removed at all.
  await using _lock = picked === deleteAll ? store.lock(systemClock) : undefined;
  const { file, own } = parts.configuration.placeOf(name);
  await file.edit((text) => withoutServer(text, own));
  parts.remote.close(name);
  if (picked === deleteAll) await store.disk.remove(store.layout.root);
}

/** *Set Password…* */
export async function setPassword(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Set the password of which server?'));
  await askForPassword(parts, endpointOf(server));
  parts.remote.close(server.name);
  parts.serversTree.refresh();
}

/** *Set Mail Password…*: of the account that reports are sent by. */
export async function setMailPassword(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Set the mail password of which server?'));
  const account = mailAccountOf(server);
  if (account === undefined) {
    throw new BackupError(
      'configuration',
      l10n.t('{0} has no "report.mail" with a user name in the configuration.', server.name),
    );
  }
  await askForPassword(parts, account);
}

async function askForPassword(parts: Parts, endpoint: string): Promise<void> {
  const password = await window.showInputBox({
    title: l10n.t('Password for {0}', endpoint),
    prompt: l10n.t('It is kept in the secret storage of VS Code.'),
    password: true,
    ignoreFocusOut: true,
  });
  if (password === undefined) throw cancelled();
  await parts.secrets.set(endpoint, password);
}

/** *Forget Password* */
export async function forgetPassword(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Forget the password of which server?'));
  await parts.secrets.forget(endpointOf(server));
  const account = mailAccountOf(server);
  if (account !== undefined) await parts.secrets.forget(account);
  if (server.privateKey !== undefined) await parts.secrets.forget(passphraseKey(server.privateKey));
  parts.remote.close(server.name);
  void window.showInformationMessage(l10n.t('The password of {0} is forgotten.', server.name));
}

/** *Test Connection* */
export async function testConnection(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Test the connection to which server?'));
  const accepted = await connect(parts, parts.configuration.own(server.name));
  if (accepted) await pin(parts, server.name, accepted);
  parts.serversTree.refresh();
  void window.showInformationMessage(l10n.t('{0}: the connection works.', server.name));
}

/** *Check the Identity…*: shows the host key or certificate, and pins it if the person accepts it. */
export async function trustServer(parts: Parts, node?: AnyNode): Promise<void> {
  const server = await serverFor(parts, node, l10n.t('Check the identity of which server?'));
  if (!hasIdentity(server)) {
    const { name, protocol } = server;
    const text = l10n.t('{0}: {1} shows nothing that it could be recognized by.', name, protocol);
    void window.showInformationMessage(text);
    return;
  }
  const accepted = await askForTrust(server, parts.logins, new AbortController().signal);
  if (accepted) await pin(parts, server.name, accepted);
  else void window.showInformationMessage(l10n.t('{0} is trusted already.', server.name));
  parts.remote.close(server.name);
  parts.serversTree.refresh();
}

async function pin(parts: Parts, server: string, accepted: Accepted): Promise<void> {
  const { file, own } = parts.configuration.placeOf(server);
  await file.edit((text) => withAccepted(text, own, accepted));
}

/** *Open Configuration*: the file itself, made if there is none. */
export async function openConfiguration(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await folderFor(parts, node, l10n.t('Open the configuration of which folder?'));
  if (file.state.kind === 'missing') await file.edit((text) => text);
  await window.showTextDocument(file.uri);
}

/** *Import Servers…* from the `sftp.json` of other extensions. */
export async function importServers(parts: Parts, node?: AnyNode): Promise<void> {
  const configuration = await folderFor(parts, node, l10n.t('Import servers into which folder?'));
  const { folder } = configuration;
  const file = await chooseFile(folder);
  const found = importedServers(await readFile(file.fsPath, 'utf8'));
  const chosen = await chooseImported(configuration, found);
  await configuration.edit((text) =>
    chosen.reduce((edited, { name, server }) => withServer(edited, name, server), text),
  );
  let secrets = 0;
  for (const imported of chosen) secrets += await takeSecrets(parts, configuration, imported);
  const shown = path.relative(folder, file.fsPath);
  const notes = chosen.flatMap(({ name, notes }) => notes.map((note) => `${name}: ${note}`));
  for (const note of notes) parts.log.info(note);
  await tellImported(parts, { count: chosen.length, secrets, shown, file, notes: notes.length });
}

async function chooseFile(folder: string): Promise<Uri> {
  const usual = Uri.file(path.join(folder, '.vscode', 'sftp.json'));
  try {
    await workspace.fs.stat(usual);
    return usual;
  } catch {
    const picked = await window.showOpenDialog({
      title: l10n.t('Choose an sftp.json'),
      defaultUri: Uri.file(folder),
      filters: { JSON: ['json'] },
    });
    const [file] = picked ?? [];
    if (!file) throw cancelled();
    return file;
  }
}

async function chooseImported(
  { servers }: ConfigurationFile,
  found: readonly ImportedServer[],
): Promise<readonly ImportedServer[]> {
  const known = new Set(servers.map(({ name }) => name.toLowerCase()));
  const items = found.map((imported) => ({
    label: imported.name,
    description: `${imported.server.protocol} ${imported.server.host ?? ''}`,
    // One that is there already is not replaced by accident.
    picked: !known.has(imported.name.toLowerCase()),
    detail: imported.notes.join(' '),
    imported,
  }));
  const title = l10n.t('Which servers are to be taken over?');
  const picked = await window.showQuickPick(items, { title, canPickMany: true });
  if (!picked || picked.length === 0) throw cancelled();
  return picked.map(({ imported }) => imported);
}

/** Resolves with how many secrets were moved. */
async function takeSecrets(
  parts: Parts,
  configuration: ConfigurationFile,
  imported: ImportedServer,
): Promise<number> {
  const { name, server, password, passphrase } = imported;
  let moved = 0;
  if (password !== undefined) {
    await parts.secrets.set(endpointOf(configuration.server(name)), password);
    moved += 1;
  }
  if (passphrase !== undefined && server.privateKey !== undefined) {
    await parts.secrets.set(passphraseKey(server.privateKey), passphrase);
    moved += 1;
  }
  return moved;
}

async function tellImported(
  parts: Parts,
  told: { count: number; secrets: number; shown: string; file: Uri; notes: number },
): Promise<void> {
  const { count, secrets, shown, file, notes } = told;
  if (notes > 0) parts.log.show(true);
  const imported =
    count === 1 ? l10n.t('1 server imported.') : l10n.t('{0} servers imported.', count);
  if (secrets === 0) {
    void window.showInformationMessage(imported);
    return;
  }
  const open = l10n.t('Open {0}', shown);
  const text = l10n.t('{0} still holds passwords in plain text: remove them there.', shown);
  const picked = await window.showWarningMessage(`${imported} ${text}`, open);
  if (picked === open) await commands.executeCommand('vscode.open', file);
}
