import { withSelection } from '../../model/configuration/editServer';
import type { SelectionLists } from '../../model/inclusion';
import { excluding, including } from '../../model/selectionEdit';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { entryFor, type EntryNode } from '../targets';

/** *Include in Backup*, for all rows that are selected. */
export async function includeInBackup(parts: Parts, ...rows: Rows): Promise<void> {
  await change(parts, entriesOf(parts, rows), true);
}

/** *Exclude from Backup*, for all rows that are selected. */
export async function excludeFromBackup(parts: Parts, ...rows: Rows): Promise<void> {
  await change(parts, entriesOf(parts, rows), false);
}

/** A click on check boxes. */
export async function setIncluded(
  parts: Parts,
  changes: readonly { readonly node: EntryNode; readonly included: boolean }[],
): Promise<void> {
  await change(
    parts,
    changes.filter(({ included }) => included).map(({ node }) => node),
    true,
  );
  await change(
    parts,
    changes.filter(({ included }) => !included).map(({ node }) => node),
    false,
  );
}

/** VS Code gives the row that was clicked, and all that are selected. */
type Rows = readonly [AnyNode?, (readonly AnyNode[])?];

function entriesOf(parts: Parts, [clicked, selected]: Rows): EntryNode[] {
  const entries = (selected ?? []).filter((node): node is EntryNode => node.kind === 'entry');
  return entries.length > 0 ? entries : [entryFor(parts, clicked)];
}

async function change(parts: Parts, nodes: readonly EntryNode[], included: boolean): Promise<void> {
  const byServer = new Map<string, EntryNode[]>();
  for (const node of nodes) {
    byServer.set(node.server.name, [...(byServer.get(node.server.name) ?? []), node]);
  }
  for (const [name, entries] of byServer) {
    const { include, exclude } = parts.configuration.server(name);
    const step = included ? including : excluding;
    const lists = entries.reduce<SelectionLists>(
      (before, { entry }) => step(before, entry.path, entry.type),
      { include, exclude },
    );
    const { file, own } = parts.configuration.placeOf(name);
    await file.edit((text) => withSelection(text, own, lists));
  }
}
