import { isPrepared } from '../prepareMachine';
import { installExtension } from './editorServer';
import { editorVersions, installEditor, packageExtension } from './editors';

/** Installs the editors and makes the package that is installed into them, before any test starts. */
export function setup(): void {
  if (isPrepared) return;
  packageExtension();
  for (const version of editorVersions) installExtension(installEditor(version));
}
