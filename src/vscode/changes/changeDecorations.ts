import {
  ThemeColor,
  type FileDecoration,
  type FileDecorationProvider,
  type ProviderResult,
  type Uri,
} from 'vscode';
import type { DifferenceKind } from '../../model/difference';
import { kindIn } from './changeUri';
import { kindWords } from './changeWords';

/** Letters and colours as the editor has them for git; what git does not know has a sign of its own. */
const looks: Readonly<Record<DifferenceKind, readonly [string, string]>> = {
  added: ['A', 'gitDecoration.addedResourceForeground'],
  changed: ['M', 'gitDecoration.modifiedResourceForeground'],
  removed: ['D', 'gitDecoration.deletedResourceForeground'],
  moved: ['R', 'gitDecoration.renamedResourceForeground'],
  metadata: ['≈', 'gitDecoration.ignoredResourceForeground'],
  unknown: ['?', 'gitDecoration.conflictingResourceForeground'],
};

export class ChangeDecorations implements FileDecorationProvider {
  provideFileDecoration(uri: Uri): ProviderResult<FileDecoration> {
    const kind = kindIn(uri);
    if (!kind) return undefined;
    const [badge, color] = looks[kind];
    return { badge, tooltip: kindWords(kind), color: new ThemeColor(color) };
  }
}
