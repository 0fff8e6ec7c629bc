import { describe, expect, it } from 'vitest';
import { rootPath } from '../../src/model/remotePath';
import { demandForTls } from '../../src/sources/ftp/demandForTls';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Peer, type Script } from '../servers/scriptedFtp';
import { account } from '../servers/account';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
import { startVsftpd } from '../servers/vsftpd';
import { environment, errorOf, ftpServer, never } from './ftpClient';
import { files, timeout } from './scripted';

const demands = [
  '530 Non-anonymous sessions must use encryption.',
  '522 Data connections must be encrypted.',
  '421 Sorry, cleartext sessions are not accepted on this server.',
  '421 Sorry, cleartext sessions and weak ciphers are not accepted on this server.',
  '550 SSL/TLS required on the control channel',
  '522 SSL/TLS required on the data channel',
  '534 Policy requires SSL.',
  '503 Use AUTH first.',
  '530 This server does not allow plain FTP. You have to use FTP over TLS.',
  '530 Sorry, no unencrypted connections allowed.',
  '504 Unsecured login is not allowed',
  '431 TLS needed',
  '530 Only secure connections are accepted here',
  '550 Access denied: insecure connections are refused',
  '530 Please use FTPS to log in.',
  '421 Plaintext logins are disabled',
  '530 Login without encryption is not possible',
  '503 Secure control connection required',
];

const others = [
  '220 Welcome to Pure-FTPd [privsep] [TLS], you must use TLS',
  '530 Login incorrect.',
  '530 Login incorrect. This server supports TLS.',
  '530 Login authentication failed, see https://ssl.example.org/use-tls',
  '421 Too many connections from this address; see https://ssl.example.org',
  '421 There are too many connections. Our SSL certificate is new.',
  '550 /ssl/must-use-tls: Permission denied',
  '550 "only encrypted": No such file or directory',
  '550 ssl.conf: Permission denied',
  '530 TLS is not required, but the password is wrong',
  '522 Network protocol not supported, use (1)',
  '522 SSL connection failed: session reuse required',
  '500 AUTH not understood',
];

const replyOf = (line: string): { code: number; lines: string[] } => ({
  code: Number(line.slice(0, 3)),
  lines: [line.slice(4)],
});

describe('a reply', () => {
  it.each(demands)('demands TLS: %s', (line) =>
    expect(demandForTls(replyOf(line), ftpServer(21))).toBeDefined(),
  );
  it.each(others)('demands no TLS: %s', (line) =>
    expect(demandForTls(replyOf(line), ftpServer(21))).toBeUndefined(),
  );
});

async function failureOf(
  script: Script,
): Promise<{ kind: string; logins: number; message: string }> {
  await using ftp = await ScriptedFtp.start({ files, ...script });
  const config = ftpServer(ftp.port, { timeout: timeout * 5 });
  const work = async (): Promise<void> => {
    await using server = await openFtpServer(config, environment('secret'), never);
    await server.list(rootPath, never);
  };
  const { kind, scope, transient, message } = await errorOf(work());
  expect({ scope, transient }).toEqual({ scope: 'run', transient: false });
  return { kind, message, logins: ftp.connections };
}

describe('a server that demands TLS', () => {
  it.each(demands)('at the greeting: %s', async (line) => {
    const failure = await failureOf({ welcome: (peer) => peer.say(line) });
    expect(failure).toMatchObject({ kind: 'configuration', logins: 1 });
    expect(failure.message).toContain('set "protocol" to "ftps"');
  });

  const commands = ['USER', 'PASS', 'FEAT', 'TYPE', 'EPSV', 'CWD', 'MLSD'];
  it.each(commands)('at %s', async (command) => {
    for (const line of ['530 You must use TLS', '421 cleartext sessions are not accepted']) {
      const on = (name: string, _argument: string, peer: Peer): boolean => {
        if (name === command) peer.say(line);
        return name === command;
      };
      expect(await failureOf({ on })).toMatchObject({ kind: 'configuration', logins: 1 });
    }
  });

  it.each([
    ['vsftpd', startVsftpd],
    ['ProFTPD', startProftpd],
    ['Pure-FTPd', () => startPureFtpd({ tls: 'explicit' })],
  ] as const)(
    'as %s does',
    async (_name, start) => {
      await using running = await start({ tls: 'explicit' });
      const { name: username, password } = account();
      const config = ftpServer(running.port, { username });
      const error = await errorOf(openFtpServer(config, environment(password), never));
      expect(error).toMatchObject({ kind: 'configuration', scope: 'run', transient: false });
    },
    60_000,
  );
});
