/** What went wrong, in the closed set of words that reports and `--json` use. */
export type ErrorKind =
  | 'authentication'
  | 'host-key'
  | 'certificate'
  | 'permission'
  | 'not-found'
  | 'connection'
  | 'timeout'
  | 'too-many-connections'
  | 'protocol'
  | 'changed'
  | 'disk-full'
  | 'configuration'
  | 'hook'
  | 'locked'
  | 'cancelled';

/** Whether an error concerns one file or folder, so that the run goes on without it, or the run. */
export type ErrorScope = 'entry' | 'run';

const entryKinds: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'permission',
  'not-found',
  'connection',
  'timeout',
  'too-many-connections',
  'protocol',
  'changed',
]);

const transientKinds: ReadonlySet<ErrorKind> = new Set<ErrorKind>([
  'connection',
  'timeout',
  'too-many-connections',
]);

export interface BackupErrorOptions {
  readonly cause?: unknown;
  /** Default: by kind. A connection that cannot be opened again is `run`. */
  readonly scope?: ErrorScope;
  /** Default: by kind. True if the same request may succeed on a fresh connection. */
  readonly transient?: boolean;
}

/**
 * The one error class of the product. `message` is one sentence for the person, says what to do next
 * where that is known, and never holds a secret. Decisions are made on `kind`, `scope` and
 * `transient`, never on the text.
 */
export class BackupError extends Error {
  readonly kind: ErrorKind;
  readonly scope: ErrorScope;
  readonly transient: boolean;

  constructor(kind: ErrorKind, message: string, options: BackupErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'BackupError';
    this.kind = kind;
    this.scope = options.scope ?? (entryKinds.has(kind) ? 'entry' : 'run');
    this.transient = options.transient ?? (this.scope === 'entry' && transientKinds.has(kind));
  }
}

/** A mistake of ours, never of the person or the server. */
export class BugError extends Error {
  constructor(message: string) {
    super(`Internal error: ${message}. Please report it.`);
    this.name = 'BugError';
  }
}

/** The `code` of a system error (`ENOENT`, `ECONNREFUSED` …), or undefined. */
export function systemCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same error, concerning the run. */
export function asRunError(error: BackupError): BackupError {
  if (error.scope === 'run') return error;
  return new BackupError(error.kind, error.message, { cause: error.cause, scope: 'run' });
}

/** Whether the server could not be reached, and may be in a while. A wrong password does not get right by waiting. */
export function isForWantOfConnection(error: unknown): boolean {
  return error instanceof BackupError && transientKinds.has(error.kind);
}

/** What the system says while this computer has no network, or no name server yet. */
const withoutNetwork: ReadonlySet<string> = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETDOWN',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/** Whether an error comes of this computer being without a network, by the causes behind it. */
export function isWithoutNetwork(error: unknown): boolean {
  let cause: unknown = error;
  for (let depth = 0; depth < 5 && cause !== undefined; depth += 1) {
    // With several addresses Node reports one error that holds those of each address.
    if (cause instanceof AggregateError) cause = cause.errors[0];
    if (withoutNetwork.has(systemCode(cause) ?? '')) return true;
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return false;
}
