/** Of the editor's two workers, the second one begins when the engine's tests have left it a processor. */
const engine = Number(process.env['SAUVEGARDE_ENGINE_TESTS']);

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

if (process.env['VITEST_POOL_ID'] !== '1' && engine > 0) {
  while (isRunning(engine)) await new Promise((resolve) => setTimeout(resolve, 1000));
}

export {};
