import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { PacketSocket } from '../../src/sources/ssh/packetSocket';
import { seeded } from '../benchmark/dataSets';

let server: Server;
const sent = Buffer.alloc(3_000_000);
const random = seeded(7);
for (let at = 0; at < sent.length; at += 1) sent[at] = Math.floor(random() * 256);

/** Sends all of it at once, before anybody has asked, in pieces of any length. */
beforeEach(async () => {
  server = createServer((socket) => {
    for (let start = 0; start < sent.length;) {
      const end = start + 1 + Math.floor(random() * 70_000);
      socket.write(sent.subarray(start, end));
      start = end;
    }
    socket.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => server.close());

async function connected(): Promise<PacketSocket> {
  const socket = new PacketSocket();
  socket.connect({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
  await once(socket, 'connect');
  return socket;
}

describe('a socket that reads into one buffer', () => {
  test('loses nothing of what came before somebody listened, and ends', async () => {
    const socket = await connected();
    await new Promise((resolve) => setTimeout(resolve, 50));
    const kept: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => kept.push(chunk));
    socket.resume();
    await once(socket, 'end');
    expect(Buffer.concat(kept).equals(sent)).toBe(true);
    expect(socket.bytesRead).toBe(sent.length);
  });

  test('gives all of it, in order, in one and the same memory once nobody keeps it', async () => {
    const socket = await connected();
    socket.keepsNothing = true;
    const memories = new Set<ArrayBufferLike>();
    const copies: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => {
      memories.add(chunk.buffer);
      copies.push(Buffer.from(chunk));
    });
    socket.resume();
    await once(socket, 'end');
    expect(Buffer.concat(copies).equals(sent)).toBe(true);
    expect(memories.size).toBe(1);
  });

  test('stands still while it is paused', async () => {
    const socket = await connected();
    const copies: Buffer[] = [];
    let whilePaused = 0;
    socket.on('data', (chunk: Buffer) => {
      if (socket.isPaused()) whilePaused += 1;
      copies.push(chunk);
      socket.pause();
      setImmediate(() => socket.resume());
    });
    socket.resume();
    await once(socket, 'end');
    expect(whilePaused).toBe(0);
    expect(copies.length).toBeGreaterThan(1);
    expect(Buffer.concat(copies).equals(sent)).toBe(true);
  });
});
