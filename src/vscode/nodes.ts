import type { Server } from '../model/configuration/server';
import type { Entry } from '../model/entry';
import type { ManifestEntry } from '../model/manifest';
import type { SnapshotId } from '../model/snapshotId';
import type { SnapshotSummary } from '../store/store';
import type { ChangeElement } from './changes/changeRows';
import type { CommandId } from './commandIds';
import type { ConfigurationFile } from './configurationFile';
import type { PlanElement } from './restore/planRows';
import type { RetentionElement } from './retention/shownRetention';

/** A workspace folder, where there are several. */
export interface FolderNode {
  readonly kind: 'folder';
  readonly file: ConfigurationFile;
}

/** What the trees are made of. */
export type ServersNode =
  | FolderNode
  | { readonly kind: 'server'; readonly server: Server }
  | { readonly kind: 'entry'; readonly server: Server; readonly entry: Entry }
  | Message;

export type SnapshotsNode =
  | FolderNode
  | { readonly kind: 'store'; readonly server: string }
  | { readonly kind: 'month'; readonly server: string; readonly month: string }
  | { readonly kind: 'snapshot'; readonly server: string; readonly summary: SnapshotSummary }
  | KeptNode
  | Message;

/** A file or folder of a snapshot. */
export interface KeptNode {
  readonly kind: 'file';
  readonly server: string;
  readonly snapshot: SnapshotId;
  readonly entry: ManifestEntry;
}

/** Something that is said in the tree, at the place it is about, with the command that helps. */
export interface Message {
  readonly kind: 'message';
  readonly text: string;
  readonly detail: string;
  readonly icon: string;
  readonly help?: {
    readonly title: string;
    readonly command: CommandId;
    readonly server?: string;
    /** The folder, if it is about its configuration. */
    readonly file?: ConfigurationFile;
  };
}

export type AnyNode = ServersNode | SnapshotsNode | PlanElement | RetentionElement | ChangeElement;

/** The folder whose row a node is, or whose configuration a message is about. */
export function folderOf(node: AnyNode): ConfigurationFile | undefined {
  if (node.kind === 'folder') return node.file;
  return node.kind === 'message' ? node.help?.file : undefined;
}

/** The name of the server that a node belongs to. */
export function serverOf(node: AnyNode): string | undefined {
  if (node.kind === 'message') return node.help?.server;
  if (node.kind === 'change') return node.comparison.server;
  if (!('server' in node)) return undefined;
  return typeof node.server === 'string' ? node.server : node.server.name;
}
