import { runProgram } from './cli/program';
import { exitCode } from './cli/exitCodes';

const stop = new AbortController();

/** The first signal ends the run so that it can be continued; the second one ends the process. */
function interrupt(): void {
  if (stop.signal.aborted) process.exit(exitCode.cancelled);
  stop.abort();
}

// SIGHUP and SIGBREAK: the terminal is being closed. Whoever wrote to it is not to fail for that.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] as const) {
  process.on(signal, interrupt);
}
/** What is lost of the output must not end the work: a backup is worth more than what it says. */
let lost: NodeJS.ErrnoException | undefined;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever read it has seen enough, as `head` does.
    if (error.code === 'EPIPE' || stop.signal.aborted || lost) return;
    lost = error;
    process.stderr.write(`sauvegarde: The output could not be written: ${error.message}\n`);
  });
}

void runProgram(
  process.argv.slice(2),
  { out: process.stdout, error: process.stderr },
  stop.signal,
).then((code) => {
  process.exitCode = lost && code === exitCode.done ? exitCode.failed : code;
  // A connection that does not close in time must not keep the process.
  setTimeout(() => process.exit(), 2000).unref();
});
