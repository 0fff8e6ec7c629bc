// `npm test`: the checks, the build and every test. Ends with a plain line "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

/** Of test files: `npm test -- ftp` runs those with "ftp" in their paths. */
const filters = process.argv.slice(2);

let passed = 0;
let failed = 0;

/** Resolves with the exit code, and what was printed unless it went to the terminal. */
function run(program, args, { stdio = 'inherit', env = {}, onStart } = {}) {
  const options = { stdio: ['ignore', stdio, stdio], env: { ...process.env, ...env } };
  const child = spawn(program, args, options);
  onStart?.(child.pid);
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, text: String(error) }));
    child.once('close', (code) => resolve({ code, text }));
  });
}

/** Says how a step ended, with what it printed. */
function tell(step, { code, text }) {
  console.log(`\n── ${step}${code === 0 ? '' : ' (failed)'}\n${text}`.trimEnd());
}

async function check(...steps) {
  for (const step of steps) {
    const result = await run('npm', ['run', '--silent', step], { stdio: 'pipe' });
    tell(step, result);
    if (result.code === 0) passed += 1;
    else failed += 1;
  }
}

/** The process that runs the engine's tests: the editor's second worker waits for its end. */
let engine = '';

/** Runs the tests of a project, and counts them. */
async function test(project) {
  const results = `.cache/${project}-results.json`;
  rmSync(results, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const some = filters.length > 0 ? ['--passWithNoTests'] : [];
  const args = ['vitest', 'run', '--project', project, ...reporters, ...some, ...filters];
  // The engine is watched; of the editors, which take as long, it is said afterwards how they did.
  const stdio = project === 'engine' ? 'inherit' : 'pipe';
  const result = await run('npx', args, {
    stdio,
    env: { SAUVEGARDE_PREPARED: 'yes', SAUVEGARDE_ENGINE_TESTS: engine },
    onStart: (pid) => {
      if (project === 'engine') engine = String(pid);
    },
  });
  if (stdio === 'pipe') tell(`${project} tests`, result);
  let failures = 0;
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(
      readFileSync(results, 'utf8'),
    );
    const broken = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.length === 0,
    );
    passed += numPassedTests;
    failures = numFailedTests + broken.length;
  } catch {
    // The runner ended before it ran a test: what is missing stands above.
  }
  failed += result.code === 0 ? failures : Math.max(1, failures);
}

/** The engine's tests wait for servers half of their time: one editor runs beside them, and two after them. */
async function prepareAndTest() {
  const prepared = await run(process.execPath, ['build/run.mjs', 'test/prepare.ts']);
  if (prepared.code !== 0) failed += 1;
  else await Promise.all(['engine', 'editor'].map(test));
}

mkdirSync('.cache', { recursive: true });
await check('build');
await Promise.all([
  prepareAndTest(),
  check('lint', 'lint:layers', 'lint:unused', 'format:check', 'check-types'),
]);
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
