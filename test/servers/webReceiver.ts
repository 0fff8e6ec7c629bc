import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedCall {
  readonly method: string;
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string;
}

/** What the server does with a call: a status, headers with it, or silence. */
export type Answer =
  | number
  | { readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | 'silence';

/** A web server on loopback that notes what it is told. */
export interface WebReceiver extends AsyncDisposable {
  readonly calls: readonly ReceivedCall[];
  at(path: string): string;
  /** How many connections are open. */
  connections(): Promise<number>;
}

/** @param answer to each call; `count` is 1 for the first */
export async function startWebReceiver(
  answer: (call: ReceivedCall, count: number) => Answer = () => 200,
): Promise<WebReceiver> {
  const calls: ReceivedCall[] = [];
  const server = createServer((request, response) => {
    void received(request).then((call) => {
      calls.push(call);
      send(response, answer(call, calls.length));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    calls,
    at: (path) => `http://127.0.0.1:${port}${path}`,
    connections: () =>
      new Promise((resolve) => server.getConnections((_error, count) => resolve(count))),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function send(response: ServerResponse, answer: Answer): void {
  if (answer === 'silence') return;
  const { status, headers } = typeof answer === 'number' ? { status: answer, headers: {} } : answer;
  response.writeHead(status, headers).end('The answer does not matter.');
}

async function received(request: IncomingMessage): Promise<ReceivedCall> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    contentType: request.headers['content-type'],
    body: Buffer.concat(chunks).toString('utf8'),
  };
}
