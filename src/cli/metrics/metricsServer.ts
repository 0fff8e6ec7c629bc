import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { BackupError, systemCode } from '../../base/errors';
import { addressText, type ListenAddress } from './listenAddress';

/** What is answered to a call. */
export interface Page {
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** By their paths. */
export type Pages = ReadonlyMap<string, () => Promise<Page>>;

export interface ServingLimits {
  /** Connections at once. */
  readonly connections: number;
  /** Milliseconds for a caller to say what it wants. */
  readonly asking: number;
  /** Milliseconds for a caller to take an answer: one that reads a byte a second is not waited for. */
  readonly answer: number;
}

/** A Prometheus or two, a probe and a person. */
const usualLimits: ServingLimits = { connections: 32, asking: 5000, answer: 30_000 };

/** Bytes. */
const longestHeaders = 8192;

/** A small web server for programs that watch. It takes no input but a path. */
export class MetricsServer implements AsyncDisposable {
  readonly address: ListenAddress;
  readonly #server: Server;
  /** Node's own list lacks those that have not said anything yet. */
  readonly #connections = new Set<Socket>();

  private constructor(server: Server, address: ListenAddress) {
    this.#server = server;
    this.address = address;
    server.on('connection', (socket: Socket) => {
      this.#connections.add(socket);
      socket.once('close', () => this.#connections.delete(socket));
    });
  }

  /** Listens at this address and no other. Throws `configuration` if it cannot. */
  static async listen(
    wanted: ListenAddress,
    pages: Pages,
    limits = usualLimits,
  ): Promise<MetricsServer> {
    const options = {
      maxHeaderSize: longestHeaders,
      headersTimeout: limits.asking,
      requestTimeout: limits.asking,
      keepAliveTimeout: limits.asking,
      connectionsCheckingInterval: limits.asking / 5,
    };
    const server = createServer(options, (request, response) => {
      const timer = setTimeout(() => response.destroy(), limits.answer);
      response.once('close', () => clearTimeout(timer));
      void answer(request, response, pages);
    });
    server.maxConnections = limits.connections;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error) => reject(cannotListen(wanted, error)));
      server.listen({ host: wanted.host, port: wanted.port }, resolve);
    });
    const { port } = server.address() as AddressInfo;
    return new MetricsServer(server, { host: wanted.host, port });
  }

  /** Ends at once, whoever is still reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const socket of this.#connections) socket.destroy();
    await closed;
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  pages: Pages,
): Promise<void> {
  const { method = '', url = '' } = request;
  if (method !== 'GET' && method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    // What it would send is not waited for.
    response.setHeader('connection', 'close');
    send(response, { status: 405, type: plain, text: 'Only GET and HEAD are answered.\n' });
    return;
  }
  const page = pages.get(url.replace(/\?.*$/s, ''));
  send(response, page ? await page() : elsewhere(pages));
}

const plain = 'text/plain; charset=utf-8';

/** A page in words. */
export function plainPage(status: number, text: string): Page {
  return { status, type: plain, text: `${text}\n` };
}

function elsewhere(pages: Pages): Page {
  return plainPage(404, `There is nothing here. Try ${[...pages.keys()].join(' or ')}.`);
}

function send(response: ServerResponse, { status, type, text }: Page): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(text);
}

function cannotListen(wanted: ListenAddress, error: unknown): BackupError {
  const code = systemCode(error) ?? '';
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'Another program listens there',
    EACCES: 'This port is not for ordinary users',
    EADDRNOTAVAIL: 'This computer has no such address',
    ENOTFOUND: 'There is no such name',
  };
  const why = reasons[code] ?? `The system refuses it (${code})`;
  return new BackupError(
    'configuration',
    `Metrics cannot be served at ${addressText(wanted)}. ${why}: name another address with --metrics.`,
    { cause: error },
  );
}
