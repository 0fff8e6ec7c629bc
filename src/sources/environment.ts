import type { Clock } from '../base/clock';
import type { Log } from '../base/log';
import type { Credentials } from './credentials';

/** What the host program gives to every source. */
export interface Environment {
  readonly clock: Clock;
  readonly log: Log;
  readonly credentials: Credentials;
  /** Where `~` is, `.ssh/config` and `.ssh/known_hosts` included. */
  readonly home: string;
  /** `SSH_AUTH_SOCK`, the Windows agent pipe, or undefined. */
  readonly agent: string | undefined;
  /** Shows what a server says while a login waits for something, if a person is there. */
  readonly notice?: (address: string, text: string) => void;
  /** Tells a person, if one is there, that the login to a host waits for the touch of a security key. */
  readonly touch?: (address: string) => void;
  /** The account to log in with where neither the configuration nor ~/.ssh/config names one. */
  readonly user: string;
}
