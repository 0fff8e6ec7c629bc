import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** Passes everything on to a port of this machine, until so many bytes have come from there. */
export class CuttingProxy implements AsyncDisposable {
  /** Bytes from the server after which all connections are cut. */
  cutAfter = Infinity;
  /** Whether connections are still taken once they were cut. */
  refuses = false;
  passed = 0;
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((near) => this.#join(near));
  readonly #target: number;

  constructor(target: number) {
    this.#target = target;
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  /** Passes everything again. */
  mend(): void {
    this.cutAfter = Infinity;
    this.refuses = false;
    this.passed = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(near: Socket): void {
    if (this.refuses) {
      near.on('error', () => undefined).destroy();
      return;
    }
    const far = connect({ port: this.#target, host: '127.0.0.1' });
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        this.#sockets.delete(one);
        other.destroy();
      });
    }
    near.pipe(far);
    far.pipe(near);
    far.on('data', (chunk: Buffer) => {
      this.passed += chunk.length;
      if (this.passed < this.cutAfter) return;
      this.cutAfter = Infinity;
      this.#cut();
    });
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
