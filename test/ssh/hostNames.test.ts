import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { describe, expect, it } from 'vitest';
import { hostNames } from '../../src/sources/ssh/hostNames';

describe('the names of hosts in an ssh configuration', () => {
  it('are those without a pattern, each once, from included files too', async () => {
    const home = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-hosts-'));
    const folder = path.join(home, '.ssh');
    expect(await hostNames(home)).toEqual([]);
    fs.mkdirSync(folder);
    fs.writeFileSync(
      path.join(folder, 'config'),
      [
        'Host web web-? !old',
        '  User deploy',
        'Include more',
        'Match host x',
        'Host nas "my box"',
        'Host *',
        'host WEB web',
      ].join('\n'),
    );
    fs.writeFileSync(path.join(folder, 'more'), 'Host=bastion\n  Port 22\n');
    expect(await hostNames(home)).toEqual(['web', 'bastion', 'nas', 'my box', 'WEB']);
    fs.writeFileSync(path.join(folder, 'more'), 'Include more\n');
    expect(await hostNames(home)).toEqual([]);
    fs.rmSync(home, { recursive: true });
  });
});
