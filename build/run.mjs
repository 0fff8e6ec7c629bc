// Runs a TypeScript program of this repository: node build/run.mjs FILE.ts [ARGUMENT…]
import { build } from 'esbuild';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const commonJs = `import { createRequire } from 'node:module';
const require = createRequire(import.meta.url);
const __dirname = import.meta.dirname;`;

const [entry, ...rest] = process.argv.slice(2);
const outfile = path.resolve('.cache', 'run', `${path.basename(entry, '.ts')}-${process.pid}.mjs`);
mkdirSync(path.dirname(outfile), { recursive: true });
await build({
  entryPoints: [entry],
  outfile,
  bundle: true,
  mainFields: ['module', 'main'],
  external: ['playwright-core', 'cpu-features', 'vitest'],
  loader: { '.node': 'empty' },
  // Bundled CommonJS packages expect these two.
  banner: { js: commonJs },
  platform: 'node',
  format: 'esm',
  target: 'node20',
  sourcemap: 'inline',
  logLevel: 'warning',
});
process.on('exit', () => rmSync(outfile, { force: true }));
process.argv.splice(1, process.argv.length - 1, outfile, ...rest);
await import(pathToFileURL(outfile).href);
