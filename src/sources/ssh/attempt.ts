import type { AnyAuthMethod } from 'ssh2';

/** One way to prove who we are. */
export interface Attempt {
  readonly method: 'publickey' | 'password' | 'keyboard-interactive';
  /** For the log and for the error: never a secret. */
  readonly label: string;
  /** Told if the server refuses it, to go on from "Also, …". */
  readonly whyRefused?: string | undefined;
  /** Makes it ready, which may ask for a secret. Undefined: it cannot be made. */
  prepare(): Promise<AnyAuthMethod | undefined>;
}
