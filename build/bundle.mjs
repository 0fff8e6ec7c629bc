// Bundles the extension and the command line: one file each, CommonJS, for Node 20. What sends mail, what
// draws the overview and what writes metrics and YAML are files of their own, loaded only when they are needed.
import { build } from 'esbuild';
import { chmodSync } from 'node:fs';

const apart = [
  'report/sendMail',
  'report/overview/overviewPage',
  'report/metrics/metricsText',
  'jobs/handover/kubernetes/kubernetesText',
];

const loadedLater = {
  name: 'loaded-later',
  setup({ onResolve }) {
    for (const source of apart) {
      const name = source.split('/').at(-1);
      const filter = new RegExp(`/${name}$`);
      onResolve({ filter }, ({ kind }) =>
        kind === 'dynamic-import' ? { path: `./${name}.js`, external: true } : undefined,
      );
    }
  },
};

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // For profiles, which name functions and sources.
  minify: !process.argv.includes('--readable'),
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

const program = { ...common, plugins: [loadedLater] };

for (const source of apart) {
  await build({ ...common, entryPoints: [`src/${source}.ts`], outdir: 'dist' });
}
await build({ ...program, entryPoints: ['src/extension.ts'], outfile: 'dist/extension.js' });
await build({
  ...program,
  entryPoints: ['src/cli.ts'],
  outfile: 'dist/cli.js',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync('dist/cli.js', 0o755);
