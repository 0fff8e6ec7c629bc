import { commands, l10n, ProgressLocation, window } from 'vscode';
import { cancelled } from '../../base/abort';
import { BackupError, messageOf } from '../../base/errors';
import { openSource } from '../../jobs/connect/openSource';
import { rawServerIn, withServer } from '../../model/configuration/editServer';
import { parseConfiguration } from '../../model/configuration/parse';
import { withAccepted, type Accepted } from '../../model/configuration/pinFingerprint';
import type { RawServer } from '../../model/configuration/schema';
import { endpointOf, type Server } from '../../model/configuration/server';
import { rootPath } from '../../model/remotePath';
import type { Source } from '../../sources/source';
import { command } from '../commandIds';
import type { ConfigurationFile } from '../configurationFile';
import { headlineOf } from '../errorWords';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { draftOf, newDraft, type ServerDraft } from '../serverDraft';
import { questionsForKnown, questionsForNew } from '../serverQuestions';
import { askInTurn, type Step } from '../steps';
import { folderFor, serverFor } from '../targets';
import { askForTrust, hasIdentity } from '../trust';

/** *Add Server…*: asks, tests the connection, has its identity accepted, and writes it down. */
export async function addServer(parts: Parts, node?: AnyNode): Promise<void> {
  const file = await folderFor(parts, node, l10n.t('Add a server to which folder?'));
  // Into a file with faults nothing is written.
  if (file.state.kind === 'faulty') file.require();
  const taken = file.servers.map(({ name }) => name);
  const title = parts.configuration.hasSeveral
    ? l10n.t('Add Server to {0}', parts.configuration.labelOf(file))
    : l10n.t('Add Server');
  await askTestAndSave(parts, { title, file, questions: questionsForNew(taken) }, newDraft());
}

/** *Edit*: the same questions, with the answers there are. */
export async function editServer(parts: Parts, node?: AnyNode): Promise<void> {
  const { name } = await serverFor(parts, node, l10n.t('Edit which server?'));
  const { file, own } = parts.configuration.placeOf(name);
  const edited = { title: l10n.t('Edit {0}', name), file, questions: questionsForKnown };
  await askTestAndSave(parts, edited, draftOf(own, rawServer(file, own)));
}

/** What is asked, and which file the answers are written into. */
interface Edited {
  readonly title: string;
  readonly file: ConfigurationFile;
  readonly questions: readonly Step<ServerDraft>[];
}

async function askTestAndSave(
  parts: Parts,
  { title, file, questions }: Edited,
  first: ServerDraft,
): Promise<void> {
  let draft = first;
  for (;;) {
    const answered = await askInTurn(title, questions, draft);
    if (!answered) throw cancelled();
    draft = answered;
    const tested = await test(parts, draft);
    if (tested === 'again') continue;
    await save(parts, file, draft, tested);
    void tellSaved(parts, file, draft, tested.works);
    return;
  }
}

/** What comes next stands beside it: to tick folders, or the first backup. */
async function tellSaved(
  { configuration }: Parts,
  file: ConfigurationFile,
  { name: own, fields }: ServerDraft,
  works: boolean,
): Promise<void> {
  const name = configuration.nameIn(file, own);
  if (!works) {
    void window.showInformationMessage(
      l10n.t('{0} is saved. The connection did not work yet.', name),
    );
  } else if (fields.include.length === 0) {
    const text = l10n.t('{0}: the connection works. Now tick what to back up.', name);
    void window.showInformationMessage(text);
  } else {
    const now = l10n.t('Back Up Now');
    const text = l10n.t('{0}: the connection works.', name);
    const picked = await window.showInformationMessage(text, now);
    const server = configuration.servers.find((one) => one.name === name);
    if (picked !== now || !server) return;
    await commands.executeCommand(command.backUpNow, { kind: 'server', server });
  }
}

interface Tested {
  readonly works: boolean;
  readonly accepted: Accepted | undefined;
}

async function test(parts: Parts, draft: ServerDraft): Promise<Tested | 'again'> {
  let accepted: Accepted | undefined;
  try {
    const server = resolved(draft);
    accepted = await connect(parts, server, givenBy(draft, server));
    return { works: true, accepted };
  } catch (error) {
    parts.log.warn(`${draft.name}: ${messageOf(error)}`);
    const edit = l10n.t('Change the Answers');
    const saveAnyway = l10n.t('Save Anyway');
    const options = { modal: true, detail: messageOf(error) };
    const picked = await window.showWarningMessage(headlineOf(error), options, edit, saveAnyway);
    if (picked === edit) return 'again';
    if (picked !== saveAnyway) throw cancelled();
    return { works: false, accepted: undefined };
  }
}

/**
 * Has the server's identity accepted and logs in once. Resolves with what to remember of it, if there
 * is one.
 */
export async function connect(
  parts: Parts,
  server: Server,
  given?: ReadonlyMap<string, string>,
): Promise<Accepted | undefined> {
  const options = {
    location: ProgressLocation.Notification,
    title: l10n.t('Connecting to {0}…', server.name),
    cancellable: true,
  };
  return await window.withProgress(options, async (_progress, token) => {
    const stop = new AbortController();
    token.onCancellationRequested(() => stop.abort());
    const { signal } = stop;
    const pin = hasIdentity(server) ? await askForTrust(server, parts.logins, signal) : undefined;
    const trusted = pin ? withIdentity(server, pin) : server;
    const login = async (environment: Parameters<typeof openSource>[1]): Promise<void> => {
      await using source = await openSource(trusted, environment, signal);
      await listSomething(source, signal);
    };
    await parts.logins.during(true, login, given);
    return pin;
  });
}

function withIdentity(server: Server, { fingerprint, certificateName }: Accepted): Server {
  return certificateName === undefined
    ? { ...server, fingerprint }
    : { ...server, certificateName };
}

/** A login that cannot list is found out now; that the root may not be read is no fault of it. */
async function listSomething(source: Source, signal: AbortSignal): Promise<void> {
  try {
    for await (const _entry of source.list(rootPath, signal)) return;
  } catch (error) {
    const isOnlyTheRoot = error instanceof BackupError && error.scope === 'entry';
    if (!isOnlyTheRoot || error.transient) throw error;
  }
}

async function save(
  parts: Parts,
  file: ConfigurationFile,
  draft: ServerDraft,
  { accepted, works }: Tested,
): Promise<void> {
  const { fields, name } = draft;
  await file.edit((text) => {
    const edited = withServer(text, name, fields);
    return accepted ? withAccepted(edited, name, accepted) : edited;
  });
  if (works) return;
  // What worked is stored already; what could not be tried is kept for the next time.
  for (const [key, secret] of givenBy(draft, resolved(draft))) await parts.secrets.set(key, secret);
}

function givenBy({ password }: ServerDraft, server: Server): ReadonlyMap<string, string> {
  return new Map(password === undefined ? [] : [[endpointOf(server), password]]);
}

function resolved({ fields, name }: ServerDraft): Server {
  const text = JSON.stringify({ servers: { [name]: fields } });
  const { configuration, faults } = parseConfiguration(text, process.cwd());
  const server = configuration?.servers.get(name);
  if (server) return server;
  throw new BackupError('configuration', faults.map(({ message }) => message).join('\n'));
}

/** The fields of a server as they stand in the file. */
function rawServer({ text }: ConfigurationFile, name: string): RawServer {
  const found = rawServerIn(text, name);
  if (found) return found;
  throw new BackupError('configuration', l10n.t('The server {0} is no longer configured.', name));
}
