import type { Clock } from '../../base/clock';
import type { LinkPolicy } from '../../model/configuration/server';
import type { Entry } from '../../model/entry';
import type { ManifestEntry, ManifestHeader } from '../../model/manifest';
import type { RunProgress } from '../../model/progress';
import type { RemotePath } from '../../model/remotePath';
import { Selection } from '../../model/selection';
import type { DiskAbilities } from '../../store/abilities';
import { LocalNames } from '../../store/localNames';
import { KeySet } from '../../store/keySet';
import type { Target } from '../../targets/target';
import type { Choosing } from './choice';
import { Decisions, type Met, type Overwrite } from './decide';
import { metInFolder, metOnServer, scopeOf, type PlacedEntry } from './existing';
import type { PlannedAction } from './plannedAction';
import type { Survey } from './survey';

/** How a target is looked at. */
export type Kind =
  | { readonly at: 'server'; readonly links: LinkPolicy }
  /** Names that its disk cannot hold are escaped. */
  | { readonly at: 'folder'; readonly abilities: DiskAbilities };

export interface PlanningOptions {
  readonly header: ManifestHeader;
  /** The manifest from its beginning, each time. */
  readonly entries: () => AsyncIterable<ManifestEntry>;
  readonly choice: Choosing;
  readonly survey: Survey;
  readonly target: Target;
  readonly kind: Kind;
  readonly overwrite: Overwrite;
  readonly deletes: boolean;
  readonly clock: Clock;
  readonly progress: RunProgress;
  readonly signal: AbortSignal;
}

/** What is to be done, entry by entry, in folder order. */
export async function* planned(
  options: PlanningOptions,
): AsyncGenerator<PlannedAction, void, undefined> {
  const { choice, target, overwrite, progress, survey } = options;
  const mayDelete = deletionRule(options);
  const decisions = new Decisions({
    ...{ target, overwrite, mayDelete },
    isChosen: (entry) => choice.chooses(entry),
  });
  for await (const met of metOn(options, survey.roots, survey.known, mayDelete)) {
    if (met.wanted) progress.entries += 1;
    const action = decisions.decide(met);
    if (action) yield action;
  }
}

function metOn(
  { entries, target, kind, clock, signal }: PlanningOptions,
  roots: readonly RemotePath[],
  known: KeySet,
  looksInto: (folder: Entry) => boolean,
): AsyncIterable<Met> {
  const chosen = onlyKnown(entries(), known);
  if (kind.at === 'folder') {
    const places = new KeySet();
    const placed = placedEntries(entries, kind.abilities, known, places);
    return metInFolder(placed, target.reader, { known: places, looksInto }, clock, signal);
  }
  // A link that the backups left out stands there all the same: it must be seen, not written through.
  const links = kind.links === 'follow' ? 'follow' : 'record';
  const scope = scopeOf({ roots, known, looksInto, links });
  return metOnServer(chosen, target.reader, scope, clock, signal);
}

async function* onlyKnown(
  entries: AsyncIterable<ManifestEntry>,
  known: KeySet,
): AsyncGenerator<ManifestEntry, void, undefined> {
  for await (const entry of entries) if (known.has(entry.path)) yield entry;
}

/** Every entry gets its place, chosen or not: the same name stands for the same entry each time. */
async function* placedEntries(
  entries: () => AsyncIterable<ManifestEntry>,
  abilities: DiskAbilities,
  known: KeySet,
  places: KeySet,
): AsyncGenerator<PlacedEntry, void, undefined> {
  const all = new LocalNames(abilities);
  for await (const { path } of entries()) places.add(all.place(path));
  const names = new LocalNames(abilities);
  for await (const entry of entries()) {
    const place = names.place(entry.path) as RemotePath;
    if (known.has(entry.path)) yield { entry, place };
  }
}

/**
 * Only what the snapshot would have had may go: what its selection left out, it does not know of. And
 * only below what was chosen.
 */
function deletionRule({
  header,
  choice,
  kind,
  deletes,
}: PlanningOptions): (found: Entry) => boolean {
  if (!deletes) return () => false;
  const links = kind.at === 'server' ? kind.links : 'record';
  const covered = new Selection(header.include, header.exclude, links);
  return (found) => {
    if (links === 'skip' && found.type === 'symlink') return false;
    return covered.covers(found.path) && !covered.excludes(found) && choice.chooses(found);
  };
}

/** The figures of a plan. */
export class PlanCounts {
  created = 0;
  overwritten = 0;
  same = 0;
  deleted = 0;
  impossible = 0;
  /** Of those overwritten: newer than what the snapshot has. */
  newer = 0;
  /** Content that will travel. */
  bytes = 0;

  add({ action, entry, before, how }: PlannedAction): void {
    if (how === 'leftover') return;
    switch (action) {
      case 'create':
        this.created += 1;
        break;
      case 'overwrite':
        this.overwritten += 1;
        if (isNewer(before, entry)) this.newer += 1;
        break;
      case 'same':
        this.same += 1;
        return;
      case 'delete':
        this.deleted += 1;
        return;
      case 'impossible':
        this.impossible += 1;
        return;
    }
    if (entry.type === 'file' && how !== 'attributes') this.bytes += entry.size ?? 0;
  }

  /** Whether anything would be written. */
  get changesAnything(): boolean {
    return this.created + this.overwritten + this.deleted > 0;
  }
}

/** Whether a file on the target is newer than the one of the snapshot. */
export function isNewer(before: Entry | undefined, entry: ManifestEntry): boolean {
  if (before?.type !== 'file' || before.mtime === undefined || entry.mtime === undefined) {
    return false;
  }
  return before.mtime > entry.mtime + Math.max(before.granularity, entry.granularity ?? 1);
}
