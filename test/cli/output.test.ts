import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { CommandLine } from './commandLine';

/** As a shell runs it, with the output going where `where` says. */
function inShell(site: CommandLine, command: string, where: string): Promise<[number, string]> {
  const program = path.resolve('dist', 'cli.js');
  const line = `node "${program}" ${command} -C "${site.workspace}" ${where}; echo "code $?" >&2`;
  return new Promise((resolve, reject) => {
    execFile('sh', ['-c', line], (error, _out, text) => {
      const code = /code (\d+)/.exec(text)?.[1];
      if (code === undefined) reject(error ?? new Error(text));
      else resolve([Number(code), text.replace(/code \d+\n/, '')]);
    });
  });
}

function configured(): CommandLine {
  const site = new CommandLine();
  const data = path.join(site.workspace, 'data');
  fs.mkdirSync(data);
  for (let file = 0; file < 500; file += 1) fs.writeFileSync(path.join(data, `${file}`), 'x');
  site.configureServer({ protocol: 'local', include: [data] });
  return site;
}

it('backs up although nobody reads what it says', async () => {
  using site = configured();
  // The reader is gone before the first word.
  const [, text] = await inShell(site, 'backup --json --verbose', '2>&1 | true');
  expect(text).toBe('');
  const { events } = await site.run(['list', '--json']);
  expect(events).toMatchObject([{ event: 'snapshot', status: 'complete', files: 500 }]);
});

it.runIf(fs.existsSync('/dev/full'))('says when its output could not be written', async () => {
  using site = configured();
  const [code, text] = await inShell(site, 'backup', '> /dev/full');
  expect(code).toBe(1);
  expect(text).toBe(
    'sauvegarde: The output could not be written: ENOSPC: no space left on device, write\n',
  );
  const { events } = await site.run(['list', '--json']);
  expect(events).toMatchObject([{ event: 'snapshot', status: 'complete', files: 500 }]);
});
