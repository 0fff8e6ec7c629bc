import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificates, type Certificates } from './certificates';
import { freePort, ServerProcess } from './serverProcess';

export type TlsMode = 'none' | 'explicit' | 'implicit';

export interface FtpServerOptions {
  /** Default: none. */
  readonly tls?: TlsMode;
  /** Refuse data connections that do not resume the session of the control connection. Default: as the server comes. */
  readonly requireSessionReuse?: boolean;
  readonly tlsVersion?: '1.2' | '1.3';
  /** Whether files may be written, and others replaced by renaming. Default: no. */
  readonly writable?: boolean;
  /** The most connections at once from one address. */
  readonly maxConnections?: number;
  /** The folder that the account sees as `/`. Default: the machine's. */
  readonly root?: string;
  /** Default: made for the instance. */
  readonly certificates?: Certificates;
}

/** An FTP server on loopback. Dispose it, and it is stopped and its files are removed. */
export interface RunningFtpServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  readonly passivePorts: PortBlock;
  /** PEM file of the authority; absent without TLS. */
  readonly caFile?: string;
  readonly fingerprint?: string;
  /** What the server printed last. */
  readonly output: string;
}

export interface PortBlock {
  readonly first: number;
  readonly last: number;
}

/** What every server needs before it can be configured. */
export interface Workplace {
  readonly folder: string;
  readonly port: number;
  readonly passivePorts: PortBlock;
  readonly certificates: Certificates | undefined;
}

interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

const blockSize = 400;
const firstBlock = 10_000;
const blocks = 55;

/**
 * Makes a folder, a port, passive ports and certificates, and starts what `configure` says with
 * them.
 */
export async function startFtpServer(
  options: FtpServerOptions,
  configure: (place: Workplace) => Command,
): Promise<RunningFtpServer> {
  const folder = mkdtempSync(join(tmpdir(), 'sauvegarde-ftp-'));
  const { guard, ...passivePorts } = await claimBlock();
  const tls = options.tls ?? 'none';
  const certificates = tls === 'none' ? undefined : (options.certificates ?? makeCertificates());
  const clean = async (): Promise<void> => {
    await new Promise((resolve) => guard.close(resolve));
    rmSync(folder, { recursive: true, force: true });
    if (certificates !== undefined && certificates !== options.certificates) {
      rmSync(certificates.folder, { recursive: true, force: true });
    }
  };
  try {
    const port = await freePort();
    const command = configure({ folder, port, passivePorts, certificates });
    const running = await ServerProcess.start(command.program, command.args, port);
    return {
      host: '127.0.0.1',
      port,
      passivePorts,
      ...(certificates && {
        caFile: certificates.caFile,
        fingerprint: certificates.fingerprint,
      }),
      get output() {
        return running.output;
      },
      async [Symbol.asyncDispose]() {
        await running[Symbol.asyncDispose]();
        await clean();
      },
    };
  } catch (error) {
    await clean();
    throw error;
  }
}

/** A range of ports that no other instance uses: whoever listens on its first port owns it. */
async function claimBlock(): Promise<PortBlock & { guard: Server }> {
  const start = Math.floor(Math.random() * blocks);
  for (let index = 0; index < blocks; index += 1) {
    const first = firstBlock + ((start + index) % blocks) * blockSize;
    const guard = await listen(first);
    if (guard !== undefined) return { guard, first: first + 1, last: first + blockSize - 1 };
  }
  throw new Error('Every block of passive ports is in use.');
}

function listen(port: number): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(undefined));
    server.listen(port, '127.0.0.1', () => resolve(server.unref()));
  });
}
