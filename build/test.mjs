// `npm test`: the checks, the build and every test. Ends with a plain line "N passed, N failed".
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const results = '.cache/test-results.json';
// Two lanes for two cores; what takes longest stands first.
const lanes = [
  ['lint', 'build'],
  ['check-types', 'lint:layers', 'lint:unused', 'format:check'],
];

let passed = 0;
let failed = 0;

/** Resolves with the exit code, and what was printed unless it went to the terminal. */
function run(program, args, stdio = 'inherit') {
  const child = spawn(program, args, { stdio: ['ignore', stdio, stdio] });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += chunk));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: 1, text: String(error) }));
    child.once('close', (code) => resolve({ code, text }));
  });
}

async function runLane(steps) {
  for (const step of steps) {
    const { code, text } = await run('npm', ['run', '--silent', step], 'pipe');
    console.log(`\n── ${step}${code === 0 ? '' : ' (failed)'}\n${text}`.trimEnd());
    if (code === 0) passed += 1;
    else failed += 1;
  }
}

await Promise.all(lanes.map(runLane));

console.log('\n── tests');
mkdirSync('.cache', { recursive: true });
rmSync(results, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const tests = await run('npx', ['vitest', 'run', ...reporters, ...process.argv.slice(2)]);
const green = tests.code === 0;
try {
  const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  );
  passed += numPassedTests;
  failed += numFailedTests + broken.length;
} catch {
  // The runner ended before it ran a test: what is missing stands above.
}
if (!green && failed === 0) failed = 1;
console.log(`\n${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && green ? 0 : 1;
