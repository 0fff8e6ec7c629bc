import type { EntryType } from '../../../model/entry';
import type { Moment } from './dates';
import type { FoundDate } from './dateForms';
import type { Listed } from './listed';

/** What a line tells of an entry; undefined where it does not. */
export interface Told {
  readonly name: string;
  readonly type: EntryType;
  /** Bytes; counts for files only. */
  readonly size?: number | undefined;
  readonly moment?: Moment | undefined;
  readonly either?: FoundDate['either'] | undefined;
  /** How precise the times of such lines are, in seconds. */
  readonly granularity: number;
  readonly mode?: number | undefined;
  readonly target?: string | undefined;
}

/** The entry, with only the fields that are told. Field by field, as it runs for every line. */
export function listedOf(told: Told): Listed {
  const { name, type, size, moment, either, mode, target } = told;
  const granularity = moment?.granularity ?? told.granularity;
  const entry: { -readonly [K in keyof Listed]: Listed[K] } = { name, type, granularity };
  if (type !== 'file') entry.size = 0;
  else if (size !== undefined) entry.size = size;
  if (moment !== undefined) entry.mtime = moment.mtime;
  if (either !== undefined) entry.either = either;
  if (mode !== undefined) entry.mode = mode;
  if (target !== undefined) entry.target = target;
  return entry;
}
