import type { Handover } from '../../jobs/handover/handover';

/** The scheduler of an operating system, that starts us while nobody is there. */
export interface SystemScheduler {
  readonly name: SchedulerName;
  /** Writes all entries of a workspace folder, in the place of those that were there. */
  install(handover: Handover, signal: AbortSignal): Promise<void>;
  /** The servers of a workspace folder that it knows. */
  installed(workspace: string, signal: AbortSignal): Promise<string[]>;
  remove(workspace: string, signal: AbortSignal): Promise<void>;
  /** What a person has to know of it, if there is something. */
  readonly advice?: string;
}

export const schedulerNames = ['systemd', 'crontab', 'launchd', 'task-scheduler'] as const;
export type SchedulerName = (typeof schedulerNames)[number];
