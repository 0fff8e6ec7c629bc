/** Where a run says what it does. The shape of VS Code's `LogOutputChannel`. Never given a secret. */
export interface Log {
  trace(message: string): void;
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

const nothing = (): void => undefined;

export const silentLog: Log = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};

/** The same log, where each warning is told to somebody as well. */
export function withWarnings(log: Log, onWarning: (message: string) => void): Log {
  return {
    trace: (message) => log.trace(message),
    debug: (message) => log.debug(message),
    info: (message) => log.info(message),
    warn: (message) => {
      onWarning(message);
      log.warn(message);
    },
    error: (message) => log.error(message),
  };
}
