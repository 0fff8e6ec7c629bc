import { runProgram } from './cli/program';
import { exitCode } from './cli/exitCodes';

const stop = new AbortController();

/** The first signal ends the run so that it can be continued; the second one ends the process. */
function interrupt(): void {
  if (stop.signal.aborted) process.exit(exitCode.cancelled);
  stop.abort();
}

process.on('SIGINT', interrupt);
process.on('SIGTERM', interrupt);

void runProgram(
  process.argv.slice(2),
  { out: process.stdout, error: process.stderr },
  stop.signal,
).then((code) => {
  process.exitCode = code;
  // A connection that does not close in time must not keep the process.
  setTimeout(() => process.exit(), 2000).unref();
});
