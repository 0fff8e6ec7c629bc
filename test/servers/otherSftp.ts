/**
 * The SFTP servers beside OpenSSH that people meet: of dropbear (routers, small boards), ProFTPD
 * (hosting), asyncssh (Python programs) and rclone (`rclone serve sftp`, written with Go's library).
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { account, type Account } from './account';
import { ftpPrograms } from './ftpPackages';
import { makeKey } from './openssh';
import { freePort, ServerProcess } from './serverProcess';

export interface RunningSftp extends AsyncDisposable {
  readonly port: number;
  /** `SHA256:…` */
  readonly fingerprint: string;
  readonly account: Account;
  /** What the server printed last. */
  readonly output: string;
  /** Its configuration and logs. */
  readonly folder: string;
}

interface Workplace {
  readonly folder: string;
  readonly port: number;
  /** A private RSA key in PEM. */
  readonly hostKey: string;
  readonly account: Account;
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** The program that Debian has for dropbear to start, with its own login. */
export function startDropbear(): Promise<RunningSftp> {
  return start(({ folder, port, hostKey }) => {
    const converted = join(folder, 'dropbear_key');
    execFileSync('/usr/bin/dropbearconvert', ['openssh', 'dropbear', hostKey, converted], {
      stdio: 'ignore',
    });
    const place = ['-p', `127.0.0.1:${port}`, '-P', join(folder, 'pid')];
    return { program: '/usr/sbin/dropbear', args: ['-F', '-E', '-r', converted, ...place] };
  });
}

/** @param settings more lines of its configuration */
export function startModSftp(settings: readonly string[] = []): Promise<RunningSftp> {
  const { proftpd, proftpdModules } = ftpPrograms();
  return start(({ folder, port, hostKey }) => {
    const file = join(folder, 'proftpd.conf');
    const lines = [
      `ModulePath ${proftpdModules}`,
      'LoadModule mod_sftp.c',
      'ServerName "test"',
      'ServerType standalone',
      'DefaultAddress 127.0.0.1',
      'SocketBindTight on',
      `Port ${port}`,
      'UseIPv6 off',
      'UseReverseDNS off',
      'User root',
      'Group root',
      'AuthOrder mod_auth_unix.c',
      'RequireValidShell off',
      'UseFtpUsers off',
      'DelayEngine off',
      `PidFile ${join(folder, 'pid')}`,
      `ScoreboardFile ${join(folder, 'scoreboard')}`,
      'WtmpLog off',
      `SystemLog ${join(folder, 'log')}`,
      'TransferLog none',
      'SFTPEngine on',
      `SFTPHostKey ${hostKey}`,
      'SFTPAuthMethods password',
      `SFTPLog ${join(folder, 'sftp.log')}`,
      `TraceLog ${join(folder, 'trace.log')}`,
      ...settings,
    ];
    writeFileSync(file, `${lines.join('\n')}\n`);
    return { program: proftpd, args: ['-n', '-q', '-c', file] };
  });
}

/** With the rights of the account, as it knows only its own password. */
export function startAsyncssh(): Promise<RunningSftp> {
  return start(({ folder, port, hostKey, account: owner }) => {
    const script = join(folder, 'server.py');
    writeFileSync(script, asyncsshProgram);
    const login = [String(port), hostKey, owner.name, owner.password];
    return as(owner, { program: '/usr/bin/python3', args: [script, ...login] });
  });
}

const asyncsshProgram = `
import asyncio, asyncssh, sys
port, key, user, password = sys.argv[1:]

class Server(asyncssh.SSHServer):
    def begin_auth(self, username): return True
    def password_auth_supported(self): return True
    def validate_password(self, username, given): return (username, given) == (user, password)

async def main():
    await asyncssh.create_server(Server, '127.0.0.1', int(port), server_host_keys=[key], sftp_factory=True)

loop = asyncio.new_event_loop()
loop.run_until_complete(main())
loop.run_forever()
`;

/** Shows the account's home as \`/\`, with the rights of the account. */
export function startRcloneSftp(): Promise<RunningSftp> {
  return start(({ folder, port, hostKey, account: owner }) => {
    const login = ['--user', owner.name, '--pass', owner.password, '--key', hostKey];
    const fresh = ['--dir-cache-time', '0s', '--poll-interval', '0s', '--read-only'];
    const place = ['--addr', `127.0.0.1:${port}`, '--config', join(folder, 'rclone.conf')];
    const args = ['serve', 'sftp', owner.home, ...login, ...fresh, ...place];
    return as(owner, { program: '/usr/bin/rclone', args });
  });
}

function as(owner: Account, { program, args }: Command): Command {
  const identity = ['--reuid', String(owner.uid), '--regid', String(owner.gid), '--clear-groups'];
  return { program: '/usr/bin/setpriv', args: [...identity, program, ...args] };
}

async function start(configure: (place: Workplace) => Command): Promise<RunningSftp> {
  const owner = account();
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-sftp-'));
  chmodSync(folder, 0o755);
  const hostKey = join(folder, 'host_key');
  makeKey(hostKey, { type: 'rsa', format: 'PEM' });
  const port = await freePort();
  const command = configure({ folder, port, hostKey, account: owner });
  const isOwn = command.program === '/usr/bin/setpriv';
  if (isOwn) for (const path of [folder, hostKey]) chownSync(path, owner.uid, owner.gid);
  const running = await ServerProcess.start(command.program, command.args, port);
  return {
    port,
    fingerprint: fingerprintOf(`${hostKey}.pub`),
    account: owner,
    folder,
    get output() {
      return running.output;
    },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fingerprintOf(publicKey: string): string {
  const blob = Buffer.from(readFileSync(publicKey, 'latin1').split(' ')[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
