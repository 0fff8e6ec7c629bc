import type { Schedule } from '../../../model/schedule/schedule';

/** Servers that a Kubernetes cluster is to back up. */
export interface Fleet {
  /** Of the command line, as a registry knows it. */
  readonly image: string;
  /** Absent: the one that `kubectl` is set to. */
  readonly namespace?: string;
  /** How much each store asks for, as Kubernetes writes it: `20Gi`. */
  readonly storage: string;
  /** The configuration file. It holds no secrets. */
  readonly configuration: string;
  /** What schedules without a time zone are read in, an IANA name. */
  readonly timeZone: string;
  readonly servers: readonly FleetServer[];
}

export interface FleetServer {
  readonly name: string;
  readonly schedule: Schedule;
  /** A `cron` expression of five fields: when it is started. */
  readonly starts: string;
  /** Absent: it was never backed up. */
  readonly need?: Need;
}

/** What the last runs of a server took, the most of each. */
export interface Need {
  readonly seconds: number;
  readonly files: number;
  /** What a run fetched for each second that it took. */
  readonly bytesPerSecond: number;
}

/** The folders of the image, and the account that it runs as. */
export const container = {
  workspace: '/workspace',
  destination: '/backups',
  home: '/home/sauvegarde',
  uid: 65_532,
} as const;
