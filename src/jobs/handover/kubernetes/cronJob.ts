import type { ICronJob } from 'kubernetes-models/batch/v1/CronJob';
import { activeDeadline, startingDeadline } from './deadlines';
import { container, type Fleet, type FleetServer } from './fleet';
import { metadataOf, sharedName } from './metadata';
import { keysName, objectName } from './objectName';
import { resourcesOf } from './resources';

type PodSpec = NonNullable<
  NonNullable<NonNullable<ICronJob['spec']>['jobTemplate']['spec']>['template']['spec']
>;

/** @param now milliseconds since 1970 */
export function cronJobOf(fleet: Fleet, server: FleetServer, now: number): ICronJob {
  const { schedule, starts, name } = server;
  return {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: metadataOf(fleet, objectName(name), name),
    spec: {
      schedule: starts,
      timeZone: schedule.timeZone ?? fleet.timeZone,
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: startingDeadline(schedule, now),
      successfulJobsHistoryLimit: 1,
      failedJobsHistoryLimit: 3,
      jobTemplate: {
        spec: {
          activeDeadlineSeconds: activeDeadline(server),
          // The run itself tries again; another pod is only for one that the cluster took away.
          backoffLimit: 3,
          podFailurePolicy: {
            rules: [
              {
                action: 'Ignore',
                onPodConditions: [{ type: 'DisruptionTarget', status: 'True' }],
              },
              {
                action: 'FailJob',
                onExitCodes: {
                  containerName: 'backup',
                  operator: 'In',
                  values: [1, 2, 3, 4, 5],
                },
              },
            ],
          },
          template: {
            metadata: { labels: metadataOf(fleet, objectName(name), name).labels ?? {} },
            spec: podOf(fleet, server),
          },
        },
      },
    },
  };
}

function podOf(fleet: Fleet, { name, schedule, need }: FleetServer): PodSpec {
  const { workspace, destination, home, uid } = container;
  return {
    restartPolicy: 'Never',
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    // A run that is told to stop ends so that it can be continued.
    terminationGracePeriodSeconds: 60,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: uid,
      runAsGroup: uid,
      fsGroup: uid,
      fsGroupChangePolicy: 'OnRootMismatch',
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [
      {
        name: 'backup',
        image: fleet.image,
        args: argumentsOf(name),
        env: [
          { name: 'HOME', value: home },
          // Schedules without a time zone are read in it, here as there.
          { name: 'TZ', value: schedule.timeZone ?? fleet.timeZone },
        ],
        envFrom: [{ secretRef: { name: objectName(name), optional: true } }],
        resources: resourcesOf(need),
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        },
        volumeMounts: [
          { name: 'configuration', mountPath: `${workspace}/.vscode`, readOnly: true },
          { name: 'store', mountPath: destination },
          { name: 'ssh', mountPath: `${home}/.ssh`, readOnly: true },
          { name: 'temporary', mountPath: '/tmp' },
        ],
      },
    ],
    volumes: [
      { name: 'configuration', configMap: { name: sharedName } },
      { name: 'store', persistentVolumeClaim: { claimName: objectName(name) } },
      {
        name: 'ssh',
        secret: { secretName: keysName(name), optional: true, defaultMode: 0o440 },
      },
      { name: 'temporary', emptyDir: { sizeLimit: '64Mi' } },
    ],
  };
}

/** What follows the program of the image. */
export function argumentsOf(server: string): string[] {
  const { workspace, destination } = container;
  const places = ['-C', workspace, '--destination', destination];
  return ['backup', '--if-due', '-q', ...places, '--', server];
}
