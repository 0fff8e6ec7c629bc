import { connect, createServer, type Server, type Socket } from 'node:net';

const tick = 10;
/** What a line may send at once after a pause, in milliseconds of its rate. */
const burst = 50;
/** Bytes of a connection that wait for the line, from which on nothing more is taken from the server. */
const mostWaiting = 64 * 1024;
const pieceBytes = 8 * 1024;

/** One connection through the line. */
interface Stream {
  readonly near: Socket;
  readonly far: Socket;
  readonly waiting: Buffer[];
  waitingBytes: number;
  ended: boolean;
}

/**
 * A line of so many bytes a second, for all of its connections together, that counts what comes from
 * the server: it listens on 127.0.0.2 and passes to the same port of 127.0.0.1, so that FTP's data
 * connections come through too.
 */
export class SlowLine implements AsyncDisposable {
  readonly host = '127.0.0.2';
  /** Bytes a second; Infinity: as fast as can be. */
  rate = Infinity;
  /** Bytes that have come over the line so far. */
  passed = 0;
  /** While true, the line is dead: nothing passes, and nobody is told. */
  isDead = false;
  /** Called when bytes have passed. */
  onPassed: () => void = () => undefined;
  readonly #arrivals: { readonly at: number; readonly bytes: number }[] = [];
  readonly #servers: Server[] = [];
  readonly #streams = new Set<Stream>();
  readonly #abandoned = new Set<Socket>();
  readonly #timer = setInterval(() => this.#pump(), tick);
  #allowance = 0;
  #last = performance.now();

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

  /** Bytes that came in the last so many milliseconds. */
  passedWithin(milliseconds: number): number {
    const since = performance.now() - milliseconds;
    return this.#arrivals.reduce((sum, { at, bytes }) => (at >= since ? sum + bytes : sum), 0);
  }

  /** All connections of now stay dead for good, as after a change of networks; new ones work. */
  abandonConnections(): void {
    for (const stream of this.#streams) {
      stream.far.destroy();
      stream.near.pause();
      stream.near.removeAllListeners('data');
      this.#abandoned.add(stream.near);
    }
    this.#streams.clear();
  }

  #join(near: Socket, port: number): void {
    const far = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    const stream: Stream = { near, far, waiting: [], waitingBytes: 0, ended: false };
    this.#streams.add(stream);
    const isAlive = (): boolean => this.#streams.has(stream);
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on('data', (chunk) => {
      if (!this.isDead && far.writable) far.write(chunk);
    });
    near.on('end', () => isAlive() && far.end());
    far.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += pieceBytes) {
        stream.waiting.push(chunk.subarray(at, at + pieceBytes));
      }
      stream.waitingBytes += chunk.length;
      if (stream.waitingBytes >= mostWaiting) far.pause();
      if (this.rate === Infinity) this.#pump();
    });
    far.on('end', () => {
      stream.ended = true;
      this.#pump();
    });
    near.on('error', () => far.destroy());
    near.on('close', () => {
      far.destroy();
      this.#streams.delete(stream);
    });
    far.on('error', () => isAlive() && near.destroy());
  }

  #pump(): void {
    const now = performance.now();
    const most = (this.rate * burst) / 1000;
    this.#allowance = Math.min(most, this.#allowance + (this.rate * (now - this.#last)) / 1000);
    this.#last = now;
    if (this.isDead) return;
    for (let moved = true; moved && this.#allowance > 0;) {
      moved = false;
      for (const stream of this.#streams) {
        if (this.#allowance <= 0) break;
        moved = this.#pass(stream, now) || moved;
      }
    }
    for (const stream of this.#streams) {
      if (stream.ended && stream.waitingBytes === 0) stream.near.end();
    }
    this.onPassed();
  }

  /** The streams take turns, a piece each. */
  #pass(stream: Stream, at: number): boolean {
    // A client that does not take what comes slows its server down, as on a real line.
    if (stream.near.writableLength > mostWaiting) return false;
    const piece = stream.waiting.shift();
    if (!piece) return false;
    stream.waitingBytes -= piece.length;
    this.#allowance -= piece.length;
    if (stream.near.writable) {
      stream.near.write(piece);
      this.passed += piece.length;
      this.#arrivals.push({ at, bytes: piece.length });
    }
    if (stream.waitingBytes < mostWaiting && stream.far.isPaused()) stream.far.resume();
    return true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    for (const near of this.#abandoned) near.destroy();
    for (const { near, far } of this.#streams) {
      near.destroy();
      far.destroy();
    }
    await Promise.all(
      this.#servers.map((server) => new Promise((resolve) => server.close(resolve))),
    );
  }
}
