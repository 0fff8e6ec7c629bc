import type { Duplex } from 'node:stream';

/** The bytes to and from one rsync process of the server, however they get there. */
export interface Transport {
  readonly stream: Duplex;
  /** The protocol that a greeting agreed on already; absent: the two versions come first. */
  readonly protocol?: number;
  /** Calls back with each piece of text that the server wrote beside the protocol (standard error). */
  onErrorText(listener: (text: Buffer) => void): void;
  /** Resolves, never rejects, when the process is over and all it wrote has come; with its exit code if that is known. */
  readonly ended: Promise<number | undefined>;
  /** Drops it; nothing more is waited for. */
  drop(): void;
}
