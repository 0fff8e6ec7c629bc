// Bundles the extension and the command line: one file each, CommonJS, for Node 20. What sends mail is a
// third one, which both load only when there is a mail to send.
import { build } from 'esbuild';
import { chmodSync } from 'node:fs';

const mailApart = {
  name: 'mail-apart',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/sendMail$/ }, () => ({ path: './sendMail.js', external: true }));
  },
};

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
  // `require` is what every extension host has.
  supported: { 'dynamic-import': false },
  logLevel: 'warning',
};

const program = { ...common, plugins: [mailApart] };

await build({ ...common, entryPoints: ['src/report/sendMail.ts'], outfile: 'dist/sendMail.js' });
await build({ ...program, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' });
await build({
  ...program,
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync('dist/cli.js', 0o755);
