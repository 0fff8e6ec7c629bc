import { Uri } from 'vscode';
import { differenceKinds, type DifferenceKind } from '../../model/difference';
import { textOf } from '../../model/remotePath';
import { scheme } from '../documentUri';
import type { ChangeNode } from './changes';

const authority = 'change';

/**
 * The address of a row, from which the editor takes its icon and its colour. It is none of a document:
 * the files that a row is about have no colour elsewhere.
 */
export function changeUri({ comparison, path, row }: ChangeNode): Uri {
  const query = row?.kind ?? '';
  return Uri.from({ scheme, authority, path: `/${comparison.server}/${textOf(path)}`, query });
}

export function kindIn(uri: Uri): DifferenceKind | undefined {
  if (uri.scheme !== scheme || uri.authority !== authority) return undefined;
  return differenceKinds.find((kind) => kind === uri.query);
}
