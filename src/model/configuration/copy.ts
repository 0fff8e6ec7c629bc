import path from 'node:path';
import type { RereadPeriod } from '../reread';
import type { Keep } from '../retention/retention';
import { parseBandwidth, type Bandwidth } from './bandwidth';
import type { RawCopy } from './copySchema';
import { localFolder } from './repositoryAddress';

/** An off-site copy, with every default filled in. */
export interface Copy {
  readonly name: string;
  /** As restic names it; a folder is an absolute path. */
  readonly repository: string;
  /** When it is made by itself. */
  readonly after: 'complete' | 'daily' | 'never';
  /** Which copies stay; absent: all. */
  readonly keep?: Keep;
  readonly bandwidth?: Bandwidth;
  /** How often a part is brought back to prove it; absent: only when it is asked for. */
  readonly rehearse?: RereadPeriod;
}

/** @param workspace absolute path of the workspace folder, which a folder is relative to */
export function resolveCopy(raw: RawCopy, workspace: string): Copy {
  const { name, restic, after = 'complete', keep, bandwidth, rehearse } = raw;
  const folder = localFolder(restic);
  const isAtHome = folder === undefined || /^~[/\\]/.test(folder);
  return {
    name,
    repository: isAtHome ? restic : path.resolve(workspace, folder),
    after,
    ...(keep && { keep }),
    ...(bandwidth !== undefined && { bandwidth: parseBandwidth(bandwidth) }),
    ...(rehearse && { rehearse }),
  };
}

/**
 * The key of the secret of a repository: its address and not the copy's name, so that a workspace that
 * points a name elsewhere never obtains the password of the former repository.
 */
export function copyEndpoint({ repository }: Pick<Copy, 'repository'>): string {
  return `restic:${repository}`;
}

/** Whether an endpoint is that of a repository. */
export function isCopyEndpoint(endpoint: string): boolean {
  return endpoint.startsWith('restic:');
}
