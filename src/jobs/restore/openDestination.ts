import fs from 'node:fs';
import path from 'node:path';
import { diskAbilities } from '../../store/description';
import { probeAbilities, type DiskAbilities } from '../../store/abilities';
import { nodeDisk } from '../../store/nodeDisk';
import { temporaryName } from '../../model/temporaryName';
import { openFolderTarget } from '../../targets/disk/openDiskTarget';
import { openTarget } from '../../targets/openTarget';
import type { Target } from '../../targets/target';
import { randomBytes } from 'node:crypto';
import type { Kind } from './planning';
import type { PlanOptions } from './restoreOptions';

export interface OpenedDestination {
  readonly target: Target;
  readonly kind: Kind;
}

/** @param touches whether anything may be made on a disk of this computer, or only looked at */
export async function openDestination(
  { to, store, environment, signal, open = openTarget }: PlanOptions,
  touches: boolean,
): Promise<OpenedDestination> {
  if ('server' in to) {
    const target = await open(to.server, environment, signal);
    return { target, kind: { at: 'server', links: to.server.links } };
  }
  const target = openFolderTarget(to.folder, touches);
  // A folder that is not there yet is most likely on a disk like the store's.
  const abilities = touches
    ? await abilitiesOf(target.label)
    : await diskAbilities(store.disk, store.layout);
  return { target, kind: { at: 'folder', abilities } };
}

async function abilitiesOf(folder: string): Promise<DiskAbilities> {
  const place = path.join(folder, temporaryName(randomBytes(8).toString('hex'), 'part'));
  try {
    return await probeAbilities(nodeDisk, place);
  } finally {
    fs.rmSync(place, { recursive: true, force: true });
  }
}
