import { commands, l10n, window, type Uri } from 'vscode';
import { isText } from '../../model/textContent';
import { bytesText, grouped } from '../../report/figures';
import { shownBy } from '../documentUri';
import type { AnyNode } from '../nodes';
import type { Parts } from '../parts';
import { filesText } from '../words';
import type { ChangeNode, ChangeSide } from './changes';
import { filesBelow, type ChangeElement } from './changeRows';
import { sidesOf, type OpenableSides } from './changeSides';
import { comparisonText } from './changeWords';

/** So many files are opened at once: the editor loads each of them whole. */
const mostOpened = 100;
/** Bytes. A longer file is no text that a person reads. */
const longestOpened = 1_000_000;

/** *Open All Changes*: of a folder, or of all that is shown, one below the other. */
export async function openAllChanges(parts: Parts, node?: AnyNode): Promise<void> {
  const { shown } = parts.comparing;
  if (!shown) return;
  const element: ChangeElement = isChange(node) ? node : shown.root;
  const { nodes, more } = filesBelow(element, hasOtherContent, mostOpened);
  const texts: [Uri, Uri | undefined, Uri | undefined][] = [];
  let leftOut = 0;
  for (const found of nodes) {
    const { before, after } = sidesOf(found);
    const label = after ?? before;
    if (label && (await isShown(parts, found, { before, after }))) {
      texts.push([label, before, after]);
    } else leftOut += 1;
  }
  tell({ opened: texts.length, more, leftOut });
  if (texts.length === 0) return;
  const { server } = shown.comparison;
  const title = `${server}: ${comparisonText(shown.comparison)}`;
  await commands.executeCommand('vscode.changes', title, texts);
}

function isChange(node: AnyNode | undefined): node is ChangeElement {
  return node?.kind === 'change' || node?.kind === 'changeRange';
}

function hasOtherContent({ row }: ChangeNode): boolean {
  if (!row || !['added', 'changed', 'removed'].includes(row.kind)) return false;
  return [row.before, row.after].some((side) => side?.isKept === true);
}

async function isShown(
  parts: Parts,
  { row }: ChangeNode,
  sides: { readonly [side in keyof OpenableSides]: Uri | undefined },
): Promise<boolean> {
  const isLong = (side: ChangeSide | undefined): boolean => (side?.size ?? 0) > longestOpened;
  if (isLong(row?.before) || isLong(row?.after)) return false;
  for (const uri of [sides.before, sides.after]) {
    if (uri && !(await isTextIn(parts, uri))) return false;
  }
  return true;
}

/** What is on the server is not fetched for this. */
async function isTextIn({ snapshots }: Parts, uri: Uri): Promise<boolean> {
  const shown = shownBy(uri);
  if (shown?.kind !== 'snapshot') return true;
  try {
    const content = await snapshots.read(shown.server, shown.snapshot, shown.path);
    return content.length === 0 || isText(content);
  } catch {
    return false;
  }
}

function tell({ opened, more, leftOut }: { opened: number; more: number; leftOut: number }): void {
  const notes = [
    ...(opened === 0 ? [l10n.t('There is no text whose content changed.')] : []),
    ...(more > 0
      ? [
          l10n.t(
            'Only the first {0} files are opened, and not {1} more: open the changes of a folder instead.',
            mostOpened,
            grouped(more),
          ),
        ]
      : []),
    ...(leftOut > 0
      ? [
          l10n.t(
            'Left out, as no text or longer than {1}: {0}.',
            filesText(leftOut),
            bytesText(longestOpened),
          ),
        ]
      : []),
  ];
  if (notes.length > 0) void window.showInformationMessage(notes.join(' '));
}
