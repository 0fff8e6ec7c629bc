import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import type { IConfigMap } from 'kubernetes-models/v1/ConfigMap';
import type { IPersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { stringify } from 'yaml';
import { cronJobOf } from './cronJob';
import type { Fleet, FleetServer } from './fleet';
import { metadataOf, sharedName } from './metadata';
import { objectName } from './objectName';

/** What `kubectl apply -f -` takes: the configuration, and for each server its store and its job. */
export function kubernetesText(fleet: Fleet, now: number): string {
  const objects = kubernetesObjects(fleet, now);
  // Words that older readers of YAML take for something else are quoted.
  const documents = objects.map((object) => stringify(object, { version: '1.1', lineWidth: 0 }));
  return `${headOf(fleet)}${documents.map((document) => `---\n${document}`).join('')}`;
}

export type FleetObject = IConfigMap | IPersistentVolumeClaim | ICronJob;

export function kubernetesObjects(fleet: Fleet, now: number): FleetObject[] {
  return [
    configurationOf(fleet),
    ...fleet.servers.flatMap((server) => [claimOf(fleet, server), cronJobOf(fleet, server, now)]),
  ];
}

function configurationOf(fleet: Fleet): IConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: metadataOf(fleet, sharedName),
    data: { 'sauvegarde.json': fleet.configuration },
  };
}

/** One for each server: a full disk of one stops no other, and no job sees the backups of another. */
function claimOf(fleet: Fleet, { name }: FleetServer): IPersistentVolumeClaim {
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: metadataOf(fleet, objectName(name), name),
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: fleet.storage } },
    },
  };
}

function headOf({ servers: [server] }: Fleet): string {
  const name = server ? objectName(server.name) : sharedName;
  return `# Written by "sauvegarde schedule export kubernetes". Apply it again after a change of the configuration:
#
#   sauvegarde schedule export kubernetes --image IMAGE | kubectl apply -f -
#
# No secret stands here. Each job takes its own from Secrets of these names, if they are there:
#
#   apiVersion: v1
#   kind: Secret
#   metadata:
#     name: ${name}            # becomes environment variables
#   stringData:
#     SAUVEGARDE_PASSWORD: …
#     SAUVEGARDE_SMTP_PASSWORD: …
#   ---
#   apiVersion: v1
#   kind: Secret
#   metadata:
#     name: ${name}.ssh        # becomes the files of ~/.ssh
#   stringData:
#     id_ed25519: …
`;
}
