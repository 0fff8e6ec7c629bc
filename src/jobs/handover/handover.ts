import { createHash } from 'node:crypto';
import type { Schedule } from '../../model/schedule/schedule';

/** The schedules of a workspace folder, for the scheduler of the system: written, shown and removed together. */
export interface Handover {
  /** Absolute path of the workspace folder. */
  readonly workspace: string;
  /** The program and its arguments, each as it is to arrive; the names of servers follow. */
  readonly command: readonly string[];
  readonly servers: readonly ScheduledServer[];
}

export interface ScheduledServer {
  readonly name: string;
  readonly schedule: Schedule;
}

/** Names the files and tasks of a workspace folder, wherever it is: `sauvegarde-1f3a5c7e`. */
export function prefixOf(workspace: string): string {
  return `sauvegarde-${createHash('sha256').update(workspace).digest('hex').slice(0, 8)}`;
}

/** Protects an argument from a POSIX shell. */
export function shellWord(argument: string): string {
  if (/^[A-Za-z0-9_./:@%+=,-]+$/.test(argument)) return argument;
  return `'${argument.replaceAll("'", `'\\''`)}'`;
}
