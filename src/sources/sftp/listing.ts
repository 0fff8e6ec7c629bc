import { throwIfAborted } from '../../base/abort';
import { BackupError } from '../../base/errors';
import type { Entry } from '../../model/entry';
import { childPath, nameOf, type RemotePath } from '../../model/remotePath';
import type { OnUnknown, Unknown } from '../fileServer';
import type { Listed } from './calls';
import { entryAt, isAnswer, targetIfLink, withTarget, type Asking } from './describe';
import { checkEmpty } from './emptyFolder';
import { entryOf, nothingTold, shown, typeIfComplete } from './entries';
import { readNames, typeSaid, type FolderNames, type ListingLimits } from './readNames';

export const usualLimits: ListingLimits = { names: 4_000_000 };

/** Requests about single names of one folder at once. */
const detailsAtOnce = 64;

/** What became of a name: an entry, nothing where it has gone since, or a reason. */
type Outcome = Entry | 'gone' | BackupError;

/**
 * The entries of a folder; what the server lists and does not let be known goes to `onUnknown`. Throws
 * `not-found`, `permission` or `protocol` if it cannot be listed at all, or if nobody listens.
 */
export async function listFolder(
  asking: Asking,
  folder: RemotePath,
  limits: ListingLimits,
  onUnknown: OnUnknown = throwIt,
): Promise<Entry[]> {
  const found = await readNames(asking, folder, limits);
  if (found.fault) onUnknown({ error: found.fault });
  if (found.names.size === 0 && !found.hasDots) await checkEmpty(asking, folder);
  const outcomes = await outcomesOf(asking, folder, found, onUnknown);
  await checkGone(asking, folder, limits, outcomes);
  const entries: Entry[] = [];
  for (const [path, outcome] of outcomes) {
    if (outcome instanceof BackupError) onUnknown({ path, error: outcome });
    else if (outcome !== 'gone') entries.push(outcome);
  }
  return entries;
}

function throwIt({ error }: Unknown): never {
  throw error;
}

async function outcomesOf(
  asking: Asking,
  folder: RemotePath,
  { names, ambiguous }: FolderNames,
  onUnknown: OnUnknown,
): Promise<Map<RemotePath, Outcome>> {
  const outcomes = new Map<RemotePath, Outcome>();
  const questions: (() => Promise<void>)[] = [];
  for (const [name, listed] of names) {
    const path = cleanPath(folder, name, onUnknown);
    if (path === undefined) continue;
    const isAmbiguous = ambiguous.has(name);
    const type = isAmbiguous ? undefined : typeIfComplete(listed.attributes);
    if (type !== undefined && type !== 'symlink' && listed.typeByLongName === undefined) {
      outcomes.set(path, entryOf(path, type, listed.attributes));
      continue;
    }
    // Its place among the others.
    outcomes.set(path, 'gone');
    questions.push(async () => {
      throwIfAborted(asking.signal);
      outcomes.set(path, await outcomeOf(asking, path, listed, isAmbiguous));
    });
  }
  await inParallel(questions);
  return outcomes;
}

function cleanPath(folder: RemotePath, name: string, onUnknown: OnUnknown): RemotePath | undefined {
  try {
    return childPath(folder, name);
  } catch (error) {
    if (!(error instanceof BackupError)) throw error;
    onUnknown({ error });
    return undefined;
  }
}

async function outcomeOf(
  asking: Asking,
  path: RemotePath,
  listed: Listed,
  isAmbiguous: boolean,
): Promise<Outcome> {
  try {
    if (isAmbiguous) return await entryAt(asking, path);
    return await completed(asking, path, listed);
  } catch (error) {
    if (!isAnswer(asking, error)) throw error;
    if (error.kind === 'not-found') return 'gone';
    const said = isAmbiguous ? undefined : typeSaid(listed);
    return said === undefined ? error : entryOf(path, said, listed.attributes);
  }
}

/** The entry with what the listing left out. */
async function completed(asking: Asking, path: RemotePath, listed: Listed): Promise<Entry> {
  const { attributes, typeByLongName } = listed;
  const type = typeIfComplete(attributes);
  if (type === undefined) return entryAt(asking, path, { attributes, type: typeSaid(listed) });
  if (type === 'symlink') return withTarget(asking, entryOf(path, type, attributes));
  // The long name says that it is a link: then the attributes are of what it leads to.
  const target = typeByLongName && (await targetIfLink(asking, path));
  if (target === undefined) return entryOf(path, type, attributes);
  return { ...entryOf(path, 'symlink', nothingTold), target };
}

/**
 * What was listed and is not there has gone in between, unless it is listed again: then the server does
 * not find what it lists.
 */
async function checkGone(
  asking: Asking,
  folder: RemotePath,
  limits: ListingLimits,
  outcomes: Map<RemotePath, Outcome>,
): Promise<void> {
  const gone = [...outcomes].filter(([, outcome]) => outcome === 'gone');
  if (gone.length === 0) return;
  const { names } = await readNames(asking, folder, limits);
  for (const [path] of gone) {
    const listed = names.get(nameOf(path));
    if (!listed) continue;
    const said = typeSaid(listed);
    const message = `The server lists ${shown(path)} and does not find it.`;
    const fault = new BackupError('not-found', message);
    outcomes.set(path, said === undefined ? fault : entryOf(path, said, listed.attributes));
  }
}

async function inParallel(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  if (tasks.length === 0) return;
  const queue = tasks.values();
  const work = async (): Promise<void> => {
    for (const task of queue) await task();
  };
  await Promise.all(Array.from({ length: Math.min(detailsAtOnce, tasks.length) }, work));
}
