import { account } from '../servers/account';
import type { FtpServerOptions, RunningFtpServer, TlsMode } from '../servers/ftpServerOptions';
import type { SourceUnderTest } from './sourceUnderTest';
import { describeSource } from './suite';

/** What one FTP server brings over. */
export interface FtpAbilities
  extends
    Pick<SourceUnderTest, 'withoutNames'>,
    Partial<Pick<SourceUnderTest, 'modeMask' | 'hidesSpecialEntries'>> {
  /** The one way over which 10,000 files are copied. Default: plain. */
  readonly manyOver?: TlsMode;
}

/** The suite against one FTP server: plain, with explicit and with implicit TLS, session reuse required. */
export function describeFtpSource(
  name: string,
  start: (options: FtpServerOptions) => Promise<RunningFtpServer>,
  { manyOver = 'none', ...abilities }: FtpAbilities,
  modes: readonly TlsMode[] = ['none', 'explicit', 'implicit'],
): void {
  for (const tls of modes) {
    const title = tls === 'none' ? name : `${name}, ${tls} TLS`;
    describeSource(title, async () => {
      const server = await start({ tls, ...(tls !== 'none' && { requireSessionReuse: true }) });
      const { name: username, password } = account();
      const login = { host: server.host, port: server.port, username };
      return {
        password,
        connection:
          tls === 'none'
            ? { protocol: 'ftp', ...login }
            : { protocol: 'ftps', ...login, tls, ca: server.caFile },
        granularity: 1,
        modeMask: 0o777,
        ...abilities,
        ...(tls === manyOver && { many: 10_000 }),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    });
  }
}
