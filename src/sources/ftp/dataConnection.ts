import { connect, type Socket } from 'node:net';
import { connect as connectTls, TLSSocket } from 'node:tls';
import { BackupError, messageOf } from '../../base/errors';
import type { TlsTrust } from './tls';

/** Where data connections go, and how they are protected. */
export interface DataRoute {
  /** The address of the control connection's other end: never one that the server names. */
  readonly address: string;
  readonly trust: TlsTrust | undefined;
  readonly tlsSession: () => Buffer | undefined;
}

/** Takes the bytes of a transfer in order; nothing more comes until the promise is settled. */
export type Receive = (chunk: Buffer) => Promise<void> | undefined;

export interface DataEvents {
  readonly receive: Receive;
  /** True while the receiver is busy: then it is not the server that keeps us waiting. */
  readonly held: (busy: boolean) => void;
  readonly ended: () => void;
  /** The network failed (`connection`), the server is not who it should be (`certificate`), or `receive` threw. */
  readonly failed: (error: unknown) => void;
}

/**
 * Connects for one transfer, to a port, or over a connection that is there already. Exactly one of
 * `ended` and `failed` is called, once.
 */
export function openData(route: DataRoute, way: number | Socket, events: DataEvents): Socket {
  const plain =
    typeof way === 'number' ? connect({ host: route.address, port: way, noDelay: true }) : way;
  const socket =
    route.trust === undefined ? plain : protect(plain, route.trust, route.tlsSession());
  let settled = false;
  const fail = (error: unknown): void => {
    if (settled) return;
    settled = true;
    socket.destroy();
    plain.destroy();
    events.failed(error);
  };
  if (socket instanceof TLSSocket && route.trust !== undefined) {
    const { trust } = route;
    plain.on('error', (error) => fail(interrupted(error)));
    socket.once('secureConnect', () => {
      try {
        trust.check(socket);
      } catch (error) {
        fail(error);
      }
    });
  }
  socket.on('error', (error) => fail(interrupted(error)));
  socket.on('data', (chunk: Buffer) => {
    if (settled) return;
    try {
      const busy = events.receive(chunk);
      if (busy !== undefined) hold(socket, busy, events, fail);
    } catch (error) {
      fail(error);
    }
  });
  socket.on('end', () => {
    if (settled) return;
    settled = true;
    events.ended();
  });
  socket.on('close', () => {
    if (!settled) fail(interrupted('it was closed'));
  });
  return socket;
}

/** Resolves when the connection is there and, where it is protected, trusted. Rejects with `connection` if it never is. */
export function whenOpen(socket: Socket): Promise<void> {
  const isTls = socket instanceof TLSSocket;
  if (!isTls && !socket.connecting && !socket.destroyed) return Promise.resolve();
  const event = isTls ? 'secureConnect' : 'connect';
  return new Promise((resolve, reject) => {
    const close = (): void => reject(interrupted('it was closed'));
    socket.once('close', close);
    socket.once(event, () => {
      socket.off('close', close);
      // The certificate has been looked at before: who failed is destroyed by now.
      if (socket.destroyed) close();
      else resolve();
    });
  });
}

function protect(plain: Socket, trust: TlsTrust, session: Buffer | undefined): TLSSocket {
  return connectTls({ ...trust.options, socket: plain, ...(session && { session }) });
}

function hold(
  socket: Socket,
  busy: Promise<void>,
  events: DataEvents,
  fail: (error: unknown) => void,
): void {
  socket.pause();
  events.held(true);
  busy.then(
    () => {
      events.held(false);
      socket.resume();
    },
    (error: unknown) => {
      events.held(false);
      fail(error);
    },
  );
}

function interrupted(error: unknown): BackupError {
  const message = `The connection for the transfer failed: ${messageOf(error)}.`;
  return new BackupError('connection', message, { cause: error });
}
