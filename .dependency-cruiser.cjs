// The layers of ARCHITECTURE.md: a folder may import from those below it, never from those above.
const layers = [
  'vscode',
  'cli',
  'jobs',
  'report',
  'targets',
  'copies',
  'sources',
  'store',
  'model',
  'base',
];

const upward = layers.slice(1).map((layer, index) => ({
  name: `${layer}-imports-downwards-only`,
  severity: 'error',
  from: { path: `^src/${layer}/` },
  to: { path: `^src/(${[...layers.slice(0, index + 1), 'extension\\.ts', 'cli\\.ts'].join('|')})` },
}));

module.exports = {
  forbidden: [
    ...upward,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'vscode-only-in-its-layer',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(vscode/|extension\\.ts)' },
      to: { path: '^vscode$' },
    },
    {
      name: 'terminal-and-editor-do-not-meet',
      severity: 'error',
      from: { path: '^src/(vscode/|extension\\.ts)' },
      to: { path: '^src/cli' },
    },
    {
      name: 'sources-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/sources/(ftp|local|rsync|sftp)/' },
      to: { path: '^src/sources/(ftp|local|rsync|sftp)/', pathNot: '^src/sources/$1/' },
    },
    {
      name: 'only-a-restore-writes-to-servers',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(targets/|jobs/restore/)' },
      to: { path: '^src/targets/' },
    },
    {
      name: 'no-backup-reaches-what-writes-to-servers',
      severity: 'error',
      from: { path: '^src/jobs/', pathNot: '^src/jobs/restore/' },
      to: { path: '^src/targets/', reachable: true },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
  },
};
