import { expect, test } from 'vitest';
import { partsOf } from './profile';

const bundle = [
  '#!/usr/bin/env node',
  '// src/store/disk.ts',
  'function stat() {}',
  '// node_modules/ssh2/lib/client.js',
  'var client = {',
  '  // src is no path here',
  '};',
  '// src/sources/sftp/channel.ts',
  'function send() {}',
].join('\n');

test('time is told by folder, package, module of Node, and by what V8 calls the rest', () => {
  const frame = (functionName: string, url = '', lineNumber = -1) => ({
    callFrame: { functionName, url, lineNumber },
  });
  const nodes = [
    frame('(idle)'),
    frame('stat', 'file:///cli.js', 2),
    frame('connect', 'file:///cli.js', 6),
    frame('send', 'file:///cli.js', 8),
    frame('emit', 'node:events', 40),
    frame('open'),
  ].map((node, id) => ({ id, ...node }));
  const profile = {
    nodes,
    samples: [0, 1, 2, 3, 1, 4, 5],
    timeDeltas: [9000, 1000, 3000, 4000, 1500, 500, 250],
  };
  expect([...partsOf(profile, bundle)]).toEqual([
    ['(idle)', 9],
    ['src/sources/sftp', 4],
    ['node_modules/ssh2', 3],
    ['src/store', 2.5],
    ['node:events', 0.5],
    ['open', 0.25],
  ]);
});
