// Bundles the extension and the command line: one file each, CommonJS, for Node 20.
import { build } from 'esbuild';
import { chmodSync } from 'node:fs';

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  minify: true,
  legalComments: 'none',
  // jsonc-parser's CommonJS form (UMD) cannot be bundled.
  mainFields: ['module', 'main'],
  // ssh2 tries these add-ons and does without them.
  external: ['vscode', 'cpu-features'],
  loader: { '.node': 'empty' },
  logLevel: 'warning',
};

await build({ ...common, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' });
await build({
  ...common,
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync('dist/cli.js', 0o755);
