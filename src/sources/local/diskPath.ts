import { bytesOf, textOf, type RemotePath } from '../../model/remotePath';

/**
 * The place on this computer's disk that a path names. Bytes where the system takes bytes, so that
 * names in no known encoding can be opened; on Windows the path begins with its drive: `C:/Users`.
 */
export function diskPath(
  path: RemotePath,
  platform: NodeJS.Platform = process.platform,
): Buffer | string {
  if (platform !== 'win32') return bytesOf(`/${path}`);
  const text = textOf(path);
  return /^[A-Za-z]:$/.test(text) ? `${text}/` : text;
}
