import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { account } from './account';
import { startFtpServer, type RunningFtpServer } from './ftpServerOptions';
import { moreFtpPrograms } from './moreFtpPackages';

const program = `
import os, sys
sys.path.insert(0, sys.argv[1])
from pyftpdlib.authorizers import DummyAuthorizer
from pyftpdlib.handlers import FTPHandler
from pyftpdlib.servers import FTPServer
port, first, last, user, password, uid, gid = sys.argv[2:9]
os.setgroups([])
os.setgid(int(gid))
os.setuid(int(uid))
authorizer = DummyAuthorizer()
authorizer.add_user(user, password, '/', perm='elr')
handler = FTPHandler
handler.authorizer = authorizer
handler.passive_ports = range(int(first), int(last) + 1)
handler.use_gmt_times = True
FTPServer(('127.0.0.1', int(port)), handler).serve_forever()
`;

/**
 * pyftpdlib 1.5.7, in many devices and programs: one thread that obeys each command when it arrives, in
 * the middle of a transfer too. MLSD, UTF-8 only.
 */
export function startPyftpdlib(): Promise<RunningFtpServer> {
  const { pythonPath } = moreFtpPrograms();
  const { name, password, uid, gid } = account();
  return startFtpServer({}, ({ folder, port, passivePorts }) => {
    const file = join(folder, 'server.py');
    writeFileSync(file, program);
    const numbers = [port, passivePorts.first, passivePorts.last].map(String);
    const args = [file, pythonPath, ...numbers, name, password, String(uid), String(gid)];
    return { program: '/usr/bin/python3', args };
  });
}
