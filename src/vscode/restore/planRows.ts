import { nameOf, printable } from '../../model/remotePath';
import type { PlanNode, RestorePlan } from './plan';

/** So many rows are given to the editor at once: it makes each of them in one go. */
export const mostAtOnce = 500;

/** What the view of a plan is made of: entries, and ranges of them where a folder has very many. */
export type PlanElement =
  | { readonly kind: 'planned'; readonly node: PlanNode }
  | {
      readonly kind: 'plannedRange';
      readonly folder: PlanNode;
      readonly nodes: readonly PlanNode[];
    }
  | { readonly kind: 'unshown'; readonly count: number };

/** Folders first, as the other views show them. */
export function elementsIn(plan: RestorePlan, element?: PlanElement): PlanElement[] {
  if (element?.kind === 'unshown') return [];
  if (element?.kind === 'plannedRange') return element.nodes.map(entryOf);
  const folder = element?.node ?? plan.root;
  const isFolder = ({ children, row }: PlanNode): boolean =>
    children.length > 0 || row?.type === 'directory';
  const nodes = [
    ...folder.children.filter(isFolder),
    ...folder.children.filter((node) => !isFolder(node)),
  ];
  const shown = nodes.length > mostAtOnce ? rangesOf(folder, nodes) : nodes.map(entryOf);
  const { unshown } = plan;
  return element || unshown === 0 ? shown : [...shown, { kind: 'unshown', count: unshown }];
}

function entryOf(node: PlanNode): PlanElement {
  return { kind: 'planned', node };
}

function rangesOf(folder: PlanNode, nodes: readonly PlanNode[]): PlanElement[] {
  const ranges: PlanElement[] = [];
  for (let start = 0; start < nodes.length; start += mostAtOnce) {
    ranges.push({ kind: 'plannedRange', folder, nodes: nodes.slice(start, start + mostAtOnce) });
  }
  return ranges;
}

/** `00000.txt … 00499.txt` */
export function rangeText(nodes: readonly PlanNode[]): string {
  const ends = [nodes[0], nodes.at(-1)].map((node) => (node ? printable(nameOf(node.path)) : ''));
  return ends.join(' … ');
}
