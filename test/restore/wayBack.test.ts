import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RestoreReport } from '../../src/report/restoreReport';
import { RestoreFixture } from './restoreFixture';

let root: string;
let fixture: RestoreFixture;

const at = (name: string): string => path.join(root, name);

function write(name: string, content: string): void {
  fs.mkdirSync(path.dirname(at(name)), { recursive: true });
  fs.writeFileSync(at(name), content);
}

beforeEach(() => {
  root = fs.mkdtempSync('/var/tmp/sauvegarde-way-back-');
  fixture = new RestoreFixture({ protocol: 'local', include: [at('site')] });
  fs.mkdirSync(at('elsewhere'));
});

afterEach(() => {
  fixture[Symbol.dispose]();
  fs.rmSync(root, { recursive: true });
});

/** Restores a first state over a second one; what was overwritten is kept without the folders it is in. */
async function overwritten(): Promise<RestoreReport> {
  write('site/folder/inner/file', 'the first');
  write('site/folder/inner/second', 'the first');
  const first = await fixture.run();
  write('site/folder/inner/file', 'the second one');
  write('site/folder/inner/second', 'the second one');
  return await fixture.restore(first.snapshot);
}

describe('the way back of a restore', () => {
  it.each(['site/folder/inner', 'site/folder', 'site'])('makes %s, which is gone', async (gone) => {
    const { safetySnapshot } = await overwritten();
    fs.rmSync(at(gone), { recursive: true });
    const back = await fixture.restore(safetySnapshot ?? '');
    expect(back).toMatchObject({ status: 'complete', created: 2, failed: [] });
    expect(fs.readFileSync(at('site/folder/inner/file'), 'utf8')).toBe('the second one');
  });

  it.each(['site/folder/inner', 'site/folder'])(
    'never leads through a link that has taken the place of %s',
    async (replaced) => {
      const { safetySnapshot } = await overwritten();
      fs.rmSync(at(replaced), { recursive: true });
      fs.symlinkSync(at('elsewhere'), at(replaced));
      fs.mkdirSync(at('elsewhere/inner'));
      const back = await fixture.restore(safetySnapshot ?? '');
      expect(back).toMatchObject({ status: 'incomplete', created: 0, overwritten: 0 });
      expect(back.failed).toMatchObject([
        { kind: 'impossible', message: 'On the way to it stands a link.' },
        { kind: 'impossible', message: 'On the way to it stands a link.' },
      ]);
      expect(fs.readdirSync(at('elsewhere'), { recursive: true })).toEqual(['inner']);
    },
  );

  it('leaves a file alone that has taken the place of a folder, and says so before it writes', async () => {
    const { safetySnapshot } = await overwritten();
    fs.rmSync(at('site/folder'), { recursive: true });
    write('site/folder', 'a file now');
    const back = await fixture.restore(safetySnapshot ?? '');
    expect(back.failed).toMatchObject([
      { kind: 'impossible', message: 'On the way to it stands a file.' },
      { kind: 'impossible', message: 'On the way to it stands a file.' },
    ]);
    expect(fs.readFileSync(at('site/folder'), 'utf8')).toBe('a file now');
  });

  it('never leads through a link of a backup that is not to be overwritten either', async () => {
    write('site/folder/one', 'of one');
    write('site/folder/two', 'of two');
    const { snapshot } = await fixture.run();
    fs.rmSync(at('site/folder'), { recursive: true });
    fs.symlinkSync(at('elsewhere'), at('site/folder'));
    const back = await fixture.restore(snapshot, { overwrite: 'never' });
    expect(back).toMatchObject({ status: 'incomplete', created: 0, overwritten: 0 });
    expect(back.failed).toHaveLength(2);
    expect(fs.readdirSync(at('elsewhere'))).toEqual([]);
  });
});
