import type { Features } from './features';

/** What the connections of one server learn from one another. */
export interface Habits {
  passive: 'EPSV' | 'PASV';
  /** Whether the next EPSV may be sent behind a running transfer. */
  ahead: boolean;
  features: Features | undefined;
  /** Some servers (IIS) take `-a` for the name of a file. */
  list: 'LIST -a' | 'LIST';
  /** Whether listings have a line for the folder itself: then one without it says something. */
  listsItself: boolean;
}

export function freshHabits(): Habits {
  return {
    passive: 'EPSV',
    ahead: true,
    features: undefined,
    list: 'LIST -a',
    listsItself: false,
  };
}
