import { describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { english } from '../../src/base/localization';
import { newsOfRun } from '../../src/report/news';
import { CheckedStore } from './checkedStore';

const isFailure = (report: Parameters<typeof newsOfRun>[0]): boolean =>
  newsOfRun(report, undefined, english).isFailure;

describe('a folder that is empty, but was not', () => {
  it('is looked at once more, and taken as it is then', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/folder/a');
    fixture.server.file('data/folder/b/c');
    fixture.server.file('data/other');
    await fixture.run();
    fixture.server.forget();
    let hidden = true;
    fixture.server.hides = (folder) => folder === 'data/folder' && hidden;
    fixture.server.script = (call, path, count) => {
      if (call === 'list' && path === 'data/folder') hidden = count === 1;
    };
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', files: 3, linkedFiles: 3 });
    expect(fixture.server.count('list', 'data/folder')).toBe(2);
    await fixture.expectRight(report.snapshot);
  });

  it('is believed the second time', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/folder/a');
    fixture.server.folder('data/always');
    fixture.server.file('data/other');
    await fixture.run();
    fixture.server.forget();
    fixture.server.remove('data/folder/a');
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'complete', files: 1 });
    expect(report.changes).toMatchObject({ removed: 1 });
    expect(fixture.server.count('list', 'data/folder')).toBe(2);
    expect(fixture.server.count('list', 'data/always')).toBe(1);
    await fixture.run();
    expect(fixture.server.count('list', 'data/folder')).toBe(3);
  });

  it('is unknown if the second look fails', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/folder/a');
    fixture.server.file('data/other');
    const first = await fixture.run();
    fixture.server.forget();
    fixture.server.hides = (folder) => folder === 'data/folder';
    fixture.server.script = (call, path, count) => {
      if (call === 'list' && path === 'data/folder' && count === 2)
        throw new BackupError('permission', 'No.');
    };
    const report = await fixture.run();
    expect(report).toMatchObject({ status: 'incomplete', skipped: [{ path: '/data/folder' }] });
    const entry = (await fixture.entries(report.snapshot)).get('data/folder/a');
    expect(entry?.carried).toBe(first.snapshot);
  });

  it('is looked at in the other way that a protocol has', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/folder/a');
    fixture.server.file('data/other');
    await fixture.run();
    let hidden = true;
    fixture.server.hides = (folder) => folder === 'data/folder' && hidden;
    const { server } = fixture;
    Object.assign(server, {
      listOtherwise: (folder: Parameters<typeof server.list>[0], signal: AbortSignal) => {
        hidden = false;
        return server.list(folder, signal);
      },
    });
    expect(await fixture.run()).toMatchObject({ status: 'complete', linkedFiles: 2 });
  });
});

describe('a run that ends with not one file', () => {
  it('because everything is excluded fails, and names a file', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/folder/a.log');
    fixture.server.file('data/b.log');
    for (const exclude of [['*'], ['*.log'], ['/data/folder/', '/data/b.log'], ['**']]) {
      const error: unknown = await fixture.run(undefined, { exclude }).catch((why: unknown) => why);
      expect(error).toMatchObject({ kind: 'configuration' });
      expect((error as Error).message).toMatch(/is excluded, such as \/data\/.*"exclude"/);
    }
    expect(await fixture.store.snapshots()).toEqual([]);
    expect(await fixture.run(undefined, { exclude: ['b.log'] })).toMatchObject({ files: 1 });
  });

  it('but with links says so, and why', async () => {
    using fixture = new CheckedStore();
    fixture.server.file('data/b.log');
    fixture.server.link('data/link', 'elsewhere');
    const report = await fixture.run(undefined, { exclude: ['*.log'] });
    expect(report).toMatchObject({ status: 'complete', files: 0, symlinks: 1 });
    expect(report.warnings).toMatchObject([{ path: '/data' }]);
    expect(report.warnings[0]?.message).toContain('Every file is excluded');
  });

  it('because there is none says so, and is no good news if there were some', async () => {
    using fixture = new CheckedStore();
    fixture.server.folder('data/folder');
    const first = await fixture.run(undefined, { exclude: ['*.log'] });
    expect(first).toMatchObject({ status: 'complete', files: 0, directories: 2 });
    expect(first.warnings).toEqual([
      { path: '/data', message: 'There is not one file in what is included.' },
    ]);
    expect(isFailure(first)).toBe(false);
    const second = await fixture.run();
    expect(second.warnings).toHaveLength(1);
    expect(isFailure(second)).toBe(false);
    fixture.server.file('data/folder/a');
    const third = await fixture.run();
    expect([third.warnings, isFailure(third)]).toEqual([[], false]);
    fixture.server.remove('data/folder/a');
    const fourth = await fixture.run(undefined, { guard: false });
    expect(fourth).toMatchObject({ status: 'complete', files: 0 });
    expect(isFailure(fourth)).toBe(true);
    const news = newsOfRun(fourth, undefined, english);
    expect(news.subject).toBe('Backup without a single file: test');
    expect(news.outline.verdict).toContain('not a single file');
  });
});
