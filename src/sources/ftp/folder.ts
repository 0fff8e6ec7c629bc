import type { RemotePath } from '../../model/remotePath';
import type { Connection } from './connection';

/** A folder as we ask for it, and as its errors name it. */
export interface Folder {
  readonly path: RemotePath;
  /** The path that the server understands, without the leading `/`. */
  readonly wirePath: string;
}

/** What listing a folder needs of a connection. */
export type FolderConnection = Pick<
  Connection,
  'features' | 'habits' | 'failure' | 'askAll' | 'transfer'
>;
