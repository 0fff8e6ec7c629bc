import { describe, expect, it } from 'vitest';
import { ServerTexts } from '../../src/sources/rsync/serverTexts';

const folder = { operation: 'opendir', path: '/srv/x', kind: 'permission' };
const file = { operation: 'send_files', path: '/srv/x', kind: 'permission' };
const missing = { operation: 'link_stat', path: '/srv/x', kind: 'not-found' };

describe('what servers say of what they cannot read', () => {
  it.each([
    ['2.6.9', 'rsync: opendir "/srv/x" failed: Permission denied (13)', folder],
    ['2.6.9', 'rsync: send_files failed to open "/srv/x": Permission denied (13)', file],
    ['2.6.9', 'rsync: link_stat "/srv/x" failed: No such file or directory (2)', missing],
    ['3.2', 'rsync: [sender] opendir "/srv/x" failed: Permission denied (13)', folder],
    ['3.2', 'rsync: [sender] send_files failed to open "/srv/x": Permission denied (13)', file],
    ['openrsync', 'flist.c:320: warning: /srv/x: unreadable directory: Permission denied', folder],
    ['openrsync', 'sender.c:661: error: /srv/x: open: Permission denied', file],
    ['openrsync', 'flist.c:7: warning: /srv/x: could not stat: No such file or directory', missing],
    [
      'openrsync, Apple',
      'rsync(12): warning: /srv//x: unreadable directory: Permission denied',
      folder,
    ],
  ])('%s: %s', (_version, line, fault) => {
    const texts = new ServerTexts();
    texts.addErrorText(Buffer.from(`${line}\n`));
    expect(texts.faults).toMatchObject([fault]);
    expect(texts.unclear).toBe(false);
  });

  it.each([
    ['openrsync', 'flist.c:99: warning: something that nobody has seen yet', true],
    ['openrsync', 'flist.c:330: warning: /srv/fifo: skipping special', false],
    ['a shell', 'bash: warning: setlocale: LC_ALL: cannot change locale (de_DE)', false],
    ['a shell', 'stdin: is not a tty', false],
  ])('%s: %s', (_who, line, unclear) => {
    const texts = new ServerTexts();
    texts.addErrorText(Buffer.from(`${line}\n`));
    expect(texts.faults).toEqual([]);
    expect(texts.unclear).toBe(unclear);
  });
});
