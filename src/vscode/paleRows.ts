import {
  ThemeColor,
  Uri,
  type FileDecoration,
  type FileDecorationProvider,
  type ProviderResult,
} from 'vscode';
import type { SnapshotId } from '../model/snapshotId';
import { scheme } from './documentUri';

const authority = 'pale';

/** The address of a row in which nothing is new, by which the editor knows its colour. It is none of a document. */
export function paleUri(server: string, id: SnapshotId): Uri {
  return Uri.from({ scheme, authority, path: `/${server}/${id}` });
}

/** Draws such rows paler than the others, so that those in which something happened are found at a glance. */
export class PaleRows implements FileDecorationProvider {
  provideFileDecoration(uri: Uri): ProviderResult<FileDecoration> {
    if (uri.scheme !== scheme || uri.authority !== authority) return undefined;
    return { color: new ThemeColor('descriptionForeground') };
  }
}
