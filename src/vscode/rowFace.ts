import type { TreeItem } from 'vscode';

/** All that a row shows, as one text: a row of which it is the same need not be drawn anew. */
export function faceOf(item: TreeItem): string {
  const { tooltip, ...others } = item;
  return JSON.stringify([others, typeof tooltip === 'object' ? tooltip.value : tooltip]);
}
