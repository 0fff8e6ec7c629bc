import { nameOf, printable } from '../../model/remotePath';
import type { ChangeNode, Changes } from './changes';

/** So many rows are given to the editor at once: it makes each of them in one go. */
const mostAtOnce = 500;

/** What the view is made of: entries, and ranges of them where a folder has very many. */
export type ChangeElement = ChangeNode | ChangeRange | UnshownChanges;

export interface ChangeRange {
  readonly kind: 'changeRange';
  readonly nodes: readonly ChangeNode[];
}

export interface UnshownChanges {
  readonly kind: 'unshownChanges';
  readonly count: number;
}

/** Folders first, as the other views show them. */
export function rowsIn(changes: Changes, element?: ChangeElement): ChangeElement[] {
  if (element?.kind === 'unshownChanges') return [];
  if (element?.kind === 'changeRange') return [...element.nodes];
  const children = (element ?? changes.root).children ?? [];
  const nodes = [
    ...children.filter(({ isFolder }) => isFolder),
    ...children.filter(({ isFolder }) => !isFolder),
  ];
  const rows = nodes.length > mostAtOnce ? rangesOf(nodes) : nodes;
  const { unshown } = changes;
  return element || unshown === 0 ? rows : [...rows, { kind: 'unshownChanges', count: unshown }];
}

function rangesOf(nodes: readonly ChangeNode[]): ChangeRange[] {
  const ranges: ChangeRange[] = [];
  for (let start = 0; start < nodes.length; start += mostAtOnce) {
    ranges.push({ kind: 'changeRange', nodes: nodes.slice(start, start + mostAtOnce) });
  }
  return ranges;
}

/** `00000.txt … 00499.txt` */
export function rangeText({ nodes }: ChangeRange): string {
  const ends = [nodes[0], nodes.at(-1)].map((node) => (node ? printable(nameOf(node.path)) : ''));
  return ends.join(' … ');
}

/** All files below an element that fulfil a condition, as far as so many. */
export function filesBelow(
  element: ChangeElement,
  isWanted: (node: ChangeNode) => boolean,
  most: number,
): { readonly nodes: readonly ChangeNode[]; readonly more: number } {
  const nodes: ChangeNode[] = [];
  let more = 0;
  const waiting = element.kind === 'unshownChanges' ? [] : topOf(element);
  for (let node = waiting.pop(); node; node = waiting.pop()) {
    if (isWanted(node)) {
      if (nodes.length < most) nodes.push(node);
      else more += 1;
    }
    // Backwards, as the last one is taken first; and one by one, as a call has a limit of arguments.
    for (let at = (node.children?.length ?? 0) - 1; at >= 0; at -= 1) {
      const child = node.children?.[at];
      if (child) waiting.push(child);
    }
  }
  return { nodes, more };
}

function topOf(element: ChangeNode | ChangeRange): ChangeNode[] {
  return element.kind === 'change' ? [element] : [...element.nodes].reverse();
}
