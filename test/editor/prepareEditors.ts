import { isPrepared } from '../prepareMachine';
import { editorVersions, installEditor, packageExtension } from './editors';

/** Installs the editors and makes the package that is installed into them, before any test starts. */
export function setup(): void {
  if (isPrepared) return;
  for (const version of editorVersions) installEditor(version);
  packageExtension();
}
