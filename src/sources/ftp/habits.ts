import type { Features } from './features';

export type PassiveCommand = 'EPSV' | 'PASV';

/** What the connections of one server learn from one another. */
export interface Habits {
  passive: PassiveCommand;
  /** Whether a transfer has come over a port that was asked for so. */
  routeWorks: boolean;
  /** Whether the next EPSV may be sent behind a running transfer, where commands are taken in order. */
  ahead: boolean;
  /** Whether commands may be tried behind an upload that has not ended. */
  behindUploads: boolean;
  /** Whether more than the first command of a packet has been answered. */
  packetsWork: boolean;
  /** Whether all commands of one packet are answered in their order. Undefined: not tried yet. */
  batches: Promise<boolean> | undefined;
  /** Whether the server has been seen to take commands at the same time: then each waits for the answer before. */
  oneByOne: boolean;
  /** How often something went wrong that may come of a command sent ahead. */
  suspicions: number;
  features: Features | undefined;
  /** Whether a byte 255 in a name is to be sent twice. Undefined: not tried yet. */
  doubles255: boolean | undefined;
  /** Some servers (IIS) take `-a` for the name of a file. */
  list: 'LIST -a' | 'LIST';
  /** Whether `LIST -a` has shown anything: where it is taken for a name, it never does. */
  listOptionWorks: boolean;
  /** Whether NLST may be asked for: where it has cost a connection once, it is not. */
  listsNames: boolean;
  /** Whether times are of two parts, where a listing left it open and a look has told. */
  timesInTwoParts: boolean | undefined;
  /** Whether the server enters whatever it is asked to, so that CWD proves nothing. Undefined: not tried yet. */
  entersAnything: boolean | undefined;
  /** Whether listings have a line for the folder itself: then one without it says something. */
  listsItself: boolean;
}

export function freshHabits(): Habits {
  return {
    passive: 'EPSV',
    routeWorks: false,
    ahead: true,
    behindUploads: true,
    packetsWork: false,
    batches: undefined,
    oneByOne: false,
    suspicions: 0,
    features: undefined,
    doubles255: undefined,
    list: 'LIST -a',
    listOptionWorks: false,
    listsNames: true,
    timesInTwoParts: undefined,
    entersAnything: undefined,
    listsItself: false,
  };
}
