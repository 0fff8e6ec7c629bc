import { getNodeValue, parseTree, findNodeAtLocation } from 'jsonc-parser';
import type { SelectionLists } from '../inclusion';
import { withField, withoutItem } from './editText';
import type { RawServer } from './schema';

/** The text with a server set as a whole: added, or replaced field by field so that comments stay. */
export function withServer(text: string, name: string, server: RawServer): string {
  const before = valueAt(text, ['servers', name]);
  if (typeof before !== 'object' || before === null) {
    return withField(text, ['servers', name], server);
  }
  const wanted: Record<string, unknown> = { ...server };
  let edited = text;
  for (const field of new Set([...Object.keys(before), ...Object.keys(wanted)])) {
    const value = wanted[field];
    const former = (before as Record<string, unknown>)[field];
    if (JSON.stringify(value) === JSON.stringify(former)) continue;
    edited = withField(edited, ['servers', name, field], value);
  }
  return edited;
}

/** The fields of a server as they stand in a file without faults, or undefined. */
export function rawServerIn(text: string, name: string): RawServer | undefined {
  return valueAt(text, ['servers', name]) as RawServer | undefined;
}

export function withoutServer(text: string, name: string): string {
  return withField(text, ['servers', name], undefined);
}

/** The text with the selection of a server changed, line by line so that comments stay. */
export function withSelection(text: string, name: string, lists: SelectionLists): string {
  const included = withList(text, ['servers', name, 'include'], lists.include);
  return withList(included, ['servers', name, 'exclude'], lists.exclude);
}

function withList(text: string, path: string[], wanted: readonly string[]): string {
  const found = valueAt(text, path);
  if (!Array.isArray(found)) return wanted.length > 0 ? withField(text, path, wanted) : text;
  const before: readonly unknown[] = found;
  let edited = text;
  for (const value of wanted) {
    if (!before.includes(value)) edited = withField(edited, [...path, -1], value);
  }
  for (let index = before.length - 1; index >= 0; index -= 1) {
    const value = before[index];
    const stays = typeof value === 'string' && wanted.includes(value);
    if (!stays) edited = withoutItem(edited, [...path, index]);
  }
  return edited;
}

function valueAt(text: string, path: string[]): unknown {
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), [], { allowTrailingComma: true });
  const node = tree && findNodeAtLocation(tree, path);
  return node && getNodeValue(node);
}
