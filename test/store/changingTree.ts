import { BackupError } from '../../src/base/errors';
import type { MemoryServer } from '../sources/memoryServer';

const big = 550_000;

/**
 * The state of a small server at one of its versions: with files to fetch (small and big), to link, to
 * copy (another mode), and, from the second version on, to carry over (a folder that cannot be listed,
 * a file that cannot be read).
 */
export function setVersion(server: MemoryServer, version: number): void {
  server.remove('data');
  server.file('data/changed/small', `version ${version}`, { mtime: 1_600_000_000 + version });
  const content = Buffer.alloc(big, `${version}.`);
  server.file('data/changed/big', content, { mtime: 1_600_000_000 + version });
  server.file('data/same/one', 'one');
  server.file('data/same/two', Buffer.alloc(70_000, 'two'));
  server.file('data/mode', 'the mode changes', { mode: version % 2 === 0 ? 0o644 : 0o755 });
  server.file(`data/new ${version}`);
  server.file(`data/${'long name '.repeat(30)}/inside`, 'the place is another one');
  server.link('data/link', 'same/one');
  server.folder('data/empty');
  server.file('data/dark/inside', 'cannot be listed later');
  server.file('data/dark/deep/inside', 'nor this');
  server.file('data/secret', `secret ${'x'.repeat(version)}`);
  server.script = (call, path) => {
    const isDark = call === 'list' && path === 'data/dark';
    const isSecret = call === 'read' && path === 'data/secret';
    if (version > 1 && (isDark || isSecret)) {
      throw new BackupError('permission', `No permission to read ${path}.`);
    }
  };
}
