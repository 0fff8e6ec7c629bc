import type { Features } from './features';

/** What the connections of one server learn from one another. */
export interface Habits {
  passive: 'EPSV' | 'PASV';
  /** Whether the next EPSV may be sent behind a running transfer. */
  ahead: boolean;
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
    ahead: true,
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
