import type { Server } from '../../src/model/configuration/server';
import type { Entry } from '../../src/model/entry';
import { remotePath } from '../../src/model/remotePath';
import type { FileServer } from '../../src/sources/fileServer';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Script } from '../servers/scriptedFtp';
import { environment, ftpServer, never } from './ftpClient';

/** What a scripted server has, unless the script says otherwise. */
export const files = { 'a.txt': 'content of a', 'folder/b.txt': 'b'.repeat(100_000) };
export const a: Entry = { path: remotePath('a.txt'), type: 'file', size: 12, granularity: 1 };
export const b: Entry = {
  path: remotePath('folder/b.txt'),
  type: 'file',
  size: 100_000,
  granularity: 1,
};

/** A deadline that a test can wait for. */
export const timeout = 2000;

/** Opens a scripted server, runs the test, and closes all. */
export async function withServer(
  script: Script,
  test: (server: FileServer, ftp: ScriptedFtp) => Promise<void>,
  changes: Partial<Server> = {},
): Promise<void> {
  await using ftp = await ScriptedFtp.start({ files, ...script });
  await using server = await openFtpServer(
    ftpServer(ftp.port, { timeout, ...changes }),
    environment('secret'),
    never,
  );
  await test(server, ftp);
}
