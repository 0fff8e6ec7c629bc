import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A link with latency: listens on 127.0.0.2 and passes each byte on to the same port of 127.0.0.1
 * after a fixed delay each way, in order. FTP clients that use EPSV come through as well, once the
 * passive ports are proxied.
 */
export class DelayProxy implements AsyncDisposable {
  readonly host = '127.0.0.2';
  readonly #delay: number;
  readonly #servers: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #sent: (chunk: Buffer) => void;

  /**
   * @param roundTrip milliseconds
   * @param sent sees what clients send
   */
  constructor(roundTrip: number, sent: (chunk: Buffer) => void = () => undefined) {
    this.#delay = roundTrip / 2;
    this.#sent = sent;
  }

  async listen(ports: Iterable<number>): Promise<void> {
    for (const port of ports) {
      const server = createServer({ allowHalfOpen: true }, (near) => this.#join(near, port));
      this.#servers.push(server);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, this.host, resolve);
      });
    }
  }

  #join(near: Socket, port: number): void {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    near.on('data', this.#sent);
    this.#pass(near, far);
    this.#pass(far, near);
  }

  #pass(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.setNoDelay(true);
    from.on('data', (chunk) =>
      this.#later(() => {
        if (to.writable) to.write(chunk);
      }),
    );
    from.on('end', () => this.#later(() => to.end()));
    from.on('error', () => this.#later(() => to.destroy()));
    from.on('close', () => {
      this.#sockets.delete(from);
      this.#later(() => to.end());
    });
  }

  #later(action: () => void): void {
    setTimeout(action, this.#delay);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }
}
