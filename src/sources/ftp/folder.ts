import type { RemotePath } from '../../model/remotePath';

/** A folder as we ask for it, and as its errors name it. */
export interface Folder {
  readonly path: RemotePath;
  /** The path that the server understands, without the leading `/`. */
  readonly wirePath: string;
}
