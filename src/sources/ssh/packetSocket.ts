import {
  Socket,
  type ConnectOpts,
  type SocketConstructorOpts,
  type TcpNetConnectOpts,
} from 'node:net';

/** Bytes that are read from the system at once: eight packets of SSH that bring content. */
const readLength = 256 * 1024;

/**
 * The socket under a login. It reads into one buffer again and again. With a buffer for each read, and a
 * copy of each packet that lies across two of them, a gigabyte cost three of memory, and collecting those
 * was a fifth of the processor's time. It is paused until somebody resumes it, as what has been read goes
 * to the listeners of `data` at once.
 */
export class PacketSocket extends Socket {
  /** Whether listeners are done with what they are given when they return. Until it is set, they get copies. */
  keepsNothing = false;

  constructor() {
    const incoming: { take?: (bytes: Buffer) => void } = {};
    super(readingInto(Buffer.allocUnsafeSlow(readLength), (bytes) => incoming.take?.(bytes)));
    incoming.take = (bytes) =>
      void this.emit('data', this.keepsNothing ? bytes : Buffer.from(bytes));
    this.pause();
  }
}

/** Connects a socket for packets, as `connect` of node:net does any. */
export function connectForPackets(address: TcpNetConnectOpts): Socket {
  return new PacketSocket().connect(address);
}

/** The type declarations know `onread` of `connect` only, which hands it on to the constructor. */
function readingInto(
  buffer: Buffer,
  take: (bytes: Buffer) => void,
): SocketConstructorOpts & ConnectOpts & { readonly noDelay: boolean } {
  const callback = (length: number): boolean => {
    take(buffer.subarray(0, length));
    return true;
  };
  return { noDelay: true, onread: { buffer, callback } };
}
