import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { Fleet } from './fleet';

/** Of what all servers share. */
export const sharedName = 'sauvegarde';

/** @param server whose true name it bears; absent: of all */
export function metadataOf(
  { namespace }: Pick<Fleet, 'namespace'>,
  name: string,
  server?: string,
): NonNullable<ICronJob['metadata']> {
  return {
    name,
    ...(namespace !== undefined && { namespace }),
    labels: {
      'app.kubernetes.io/name': 'sauvegarde',
      'app.kubernetes.io/managed-by': 'sauvegarde',
      ...(server !== undefined && { 'app.kubernetes.io/instance': name }),
    },
    ...(server !== undefined && { annotations: { 'sauvegarde/server': server } }),
  };
}
