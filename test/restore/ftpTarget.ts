import { account } from '../servers/account';
import type { FtpServerOptions, RunningFtpServer, TlsMode } from '../servers/ftpServerOptions';
import { describeTarget, type TargetUnderTest } from './targetSuite';

/** The suite against one FTP server: plain, and with TLS whose session must be resumed. */
export function describeFtpTarget(
  name: string,
  start: (options: FtpServerOptions) => Promise<RunningFtpServer>,
  modes: readonly TlsMode[],
  abilities: Pick<
    TargetUnderTest,
    'withoutNames' | 'withoutFolderTimes' | 'cannotWrite' | 'cannotDate'
  >,
): void {
  for (const tls of modes) {
    describeTarget(tls === 'none' ? name : `${name}, ${tls} TLS`, async () => {
      const reuse = tls !== 'none' && { requireSessionReuse: true };
      const server = await start({ tls, writable: true, ...reuse });
      const { name: username, password } = account();
      const login = { host: server.host, port: server.port, username };
      return {
        password,
        connection:
          tls === 'none'
            ? { protocol: 'ftp', ...login }
            : { protocol: 'ftps', ...login, tls, ca: server.caFile },
        granularity: 1,
        ...abilities,
        withoutLinks: true,
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    });
  }
}
