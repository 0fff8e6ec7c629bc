import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { account } from './account';
import { startFtpServer, type RunningFtpServer } from './ftpServerOptions';

const program = `
const [library, port, first, last, name, password, root, uid, gid] = process.argv.slice(2);
const { FtpSrv } = require(library);
process.setgroups([]);
process.setgid(Number(gid));
process.setuid(Number(uid));
const server = new FtpSrv({
  url: 'ftp://127.0.0.1:' + port, pasv_url: '127.0.0.1', pasv_min: Number(first), pasv_max: Number(last),
});
server.on('login', (login, resolve, reject) =>
  login.username === name && login.password === password ? resolve({ root }) : reject(new Error('no')));
server.listen();
`;

/**
 * ftp-srv 4.6, of Node: commands that arrive in separate packets are obeyed at the same time. No MLSD,
 * no links, no `"` in names. `root` is what the account sees as `/`.
 */
export function startFtpSrv(root: string): Promise<RunningFtpServer> {
  const require = createRequire(import.meta.url);
  const library = require.resolve('ftp-srv');
  const { name, password, uid, gid } = account();
  return startFtpServer({}, ({ folder, port, passivePorts }) => {
    const file = join(folder, 'server.cjs');
    writeFileSync(file, program);
    const numbers = [port, passivePorts.first, passivePorts.last].map(String);
    const args = [file, library, ...numbers, name, password, root, String(uid), String(gid)];
    return { program: process.execPath, args };
  });
}
