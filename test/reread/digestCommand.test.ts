import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import type { RemotePath } from '../../src/model/remotePath';
import { digestCommand, parseDigestLine, pathArgument } from '../../src/sources/ssh/digestCommand';

const digest = 'a'.repeat(64);

it.each([
  [`${digest}  /var/www/index.php`, 'var/www/index.php'],
  [`${digest} */var/www/index.php`, 'var/www/index.php'],
  // BSD
  [`${digest} /var/www/index.php`, 'var/www/index.php'],
  [`${digest}  /a b  c `, 'a b  c '],
  [`\\${digest}  /a\\nb\\\\n\\rc`, 'a\nb\\n\rc'],
  // Without the mark a backslash is one.
  [`${digest}  /a\\nb`, 'a\\nb'],
  [`${digest}  /caf\xe9`, 'caf\xe9'],
])('takes %j for the digest of %j', (line, name) => {
  expect(parseDigestLine(line)).toEqual({ path: name, sha256: digest });
});

it.each([
  '',
  'sha256sum: /x: Permission denied',
  `${digest}  relative`,
  `${digest.slice(1)}  /short`,
  `${digest.toUpperCase()}  /x`,
  `Welcome! ${digest}  /x`,
])('takes %j for none', (line) => {
  expect(parseDigestLine(line)).toBeUndefined();
});

it.each(['bash', 'dash'])('is understood by %s, whatever the names are', (shell) => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-digests-'));
  const names = [
    'plain',
    '-n',
    '$(touch x)',
    "it's",
    '"',
    'a\nb',
    'a\\nb',
    '*',
    ' ',
    '`id`',
    'caf\xe9',
  ];
  for (const name of names) fs.writeFileSync(Buffer.from(`${folder}/${name}`, 'latin1'), name);
  const paths = [...names, 'missing'].map((name) => `${folder}/${name}`.slice(1) as RemotePath);
  const input = Buffer.concat(paths.map(pathArgument));
  let out: Buffer;
  try {
    out = execFileSync(shell, ['-c', digestCommand], { input, stdio: ['pipe', 'pipe', 'ignore'] });
  } catch (error) {
    // One is missing, which the program says by its exit code.
    out = (error as { stdout: Buffer }).stdout;
  }
  const found = out
    .toString('latin1')
    .split('\n')
    .flatMap((line) => parseDigestLine(line) ?? []);
  expect(found).toEqual(
    names.map((name) => ({
      path: `${folder}/${name}`.slice(1),
      sha256: createHash('sha256').update(name).digest('hex'),
    })),
  );
  expect(fs.readdirSync(folder)).toHaveLength(names.length);
  fs.rmSync(folder, { recursive: true });
});
