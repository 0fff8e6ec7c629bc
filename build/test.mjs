// `npm test`: the checks, the build and every test. Ends with a plain line "N passed, N failed".
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';

const results = '.cache/test-results.json';
const steps = ['check-types', 'lint', 'lint:layers', 'lint:unused', 'format:check', 'build'];

let passed = 0;
let failed = 0;

function run(program, args) {
  return spawnSync(program, args, { stdio: 'inherit' }).status === 0;
}

for (const step of steps) {
  console.log(`\n── ${step}`);
  if (run('npm', ['run', '--silent', step])) passed += 1;
  else failed += 1;
}

console.log('\n── tests');
mkdirSync('.cache', { recursive: true });
rmSync(results, { force: true });
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
const green = run('npx', ['vitest', 'run', ...reporters, ...process.argv.slice(2)]);
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
