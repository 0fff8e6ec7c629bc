import { describe, expect, it } from 'vitest';
import { rootPath } from '../../src/model/remotePath';
import { openFtpServer } from '../../src/sources/ftp/ftpServer';
import { ScriptedFtp, type Script } from '../servers/scriptedFtp';
import { environment, errorOf, ftpServer, never } from './ftpClient';

type Moment = 'greeting' | 'USER' | 'PASS' | 'TYPE' | 'LIST';

/** How servers say that they want TLS, and when. */
const demands: readonly (readonly [string, Moment, string])[] = [
  ['Pure-FTPd', 'greeting', '421 Sorry, cleartext sessions are not accepted on this server.'],
  ['Pure-FTPd', 'USER', '421 Sorry, cleartext sessions and weak ciphers are not accepted.'],
  ['vsftpd', 'USER', '530 Non-anonymous sessions must use encryption.'],
  ['vsftpd', 'USER', '530 Anonymous sessions must use encryption.'],
  ['ProFTPD', 'USER', '550 SSL/TLS required on the control channel'],
  ['ProFTPD', 'PASS', '550 SSL/TLS required on the control channel'],
  ['ProFTPD', 'LIST', '522 SSL/TLS required on the data channel'],
  ['IIS', 'USER', '534 Policy requires SSL.'],
  ['IIS', 'PASS', '534-Policy requires SSL.\r\n Win32 error: Access is denied.\r\n534 End'],
  ['FileZilla', 'USER', '503 Use AUTH first.'],
  ['FileZilla 1.x', 'USER', '503 Use explicit FTP over TLS first.'],
  ['Serv-U', 'USER', '530 Only secure (SSL) connections are allowed on this server.'],
  ['a hoster', 'USER', '530 Please use FTPS, plaintext logins are disallowed'],
  ['a hoster', 'PASS', '421 Unencrypted connections are not permitted. Enable TLS.'],
  ['a hoster', 'TYPE', '530 TLS is required for this account'],
];

function saying(moment: Moment, reply: string): Script {
  if (moment === 'greeting') return { welcome: (peer) => peer.say(reply) };
  return {
    on: (command, _argument, peer) => {
      if (command === moment) peer.say(reply);
      return command === moment;
    },
  };
}

async function errorSaying(moment: Moment, reply: string): Promise<[Error, ScriptedFtp]> {
  await using ftp = await ScriptedFtp.start(saying(moment, reply));
  const config = ftpServer(ftp.port, { timeout: 5000 });
  const opening = async (): Promise<void> => {
    await using server = await openFtpServer(config, environment('secret'), never);
    await server.list(rootPath, never);
  };
  return [await errorOf(opening()), ftp];
}

describe('a server that demands TLS', () => {
  it.each(demands)('%s, at %s: %s', async (_server, moment, reply) => {
    const [error, ftp] = await errorSaying(moment, reply);
    expect(error).toMatchObject({ kind: 'configuration', scope: 'run', transient: false });
    expect(error.message).toContain('set "protocol" to "ftps"');
    // Nothing is tried again: it would say the same for ever.
    expect(ftp.connections).toBe(1);
  });
});

describe('a server that speaks of something else', () => {
  it.each([
    ['PASS', '530 Login incorrect.', 'authentication'],
    ['PASS', '530 Login or password incorrect!', 'authentication'],
    [
      'USER',
      '530 Too many connections for this user (limit of SSL sessions)',
      'too-many-connections',
    ],
  ] as const)(
    'at %s: %s',
    async (moment, reply, kind) => {
      const [error] = await errorSaying(moment, reply);
      expect(error).toMatchObject({ kind });
    },
    60_000,
  );
});
