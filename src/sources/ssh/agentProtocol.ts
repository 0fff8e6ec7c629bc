/**
 * What an agent is asked (draft-miller-ssh-agent): which keys it has, and for signatures. ssh2's own client
 * of it leaves out certificates and the keys of security keys, and what stands behind their signatures.
 */
import type { Duplex } from 'node:stream';

import { createAgent } from 'ssh2';

import { withDeadline } from '../../base/abort';
import { field, FieldReader, uint32 } from './wireFields';

export interface AgentIdentity {
  /** The blob of a public key or of a certificate. */
  readonly publicKey: Buffer;
  readonly comment: string;
}

const requestIdentities = 11;
const identitiesAnswer = 12;
const signRequest = 13;
const signResponse = 14;
/** OpenSSH's limit for a message of its agent. */
const largestMessage = 262_144;
const mostKeys = 2048;

/** Which hash a signature by an RSA key is made with; without one it would be SHA-1. */
const hashFlags: Readonly<Record<string, number>> = { 'rsa-sha2-256': 2, 'rsa-sha2-512': 4 };

/** How long an agent is waited for. */
export interface Patience {
  readonly milliseconds: number;
  readonly signal?: AbortSignal;
}

/** Keys and certificates in the agent's order. Throws an Error if it does not answer in time. */
export async function askIdentities(path: string, patience: Patience): Promise<AgentIdentity[]> {
  const answer = await ask(path, Buffer.from([requestIdentities]), patience);
  if (answer[0] !== identitiesAnswer) throw new Error('it does not tell its keys');
  const reader = new FieldReader(answer.subarray(1));
  const count = reader.uint32();
  if (count > mostKeys) throw new Error('it has too many keys');
  return Array.from({ length: count }, () => ({
    publicKey: reader.string(),
    comment: reader.string().toString('utf8'),
  }));
}

/**
 * A signature as it goes to a server: its algorithm, its bytes, and what a security key adds. Throws an
 * Error if the agent declines or does not answer in time.
 */
export async function askSignature(
  path: string,
  publicKey: Buffer,
  data: Buffer,
  algorithm: string,
  patience: Patience,
): Promise<Buffer> {
  const flags = uint32(hashFlags[algorithm] ?? 0);
  const question = [Buffer.from([signRequest]), field(publicKey), field(data), flags];
  const answer = await ask(path, Buffer.concat(question), patience);
  if (answer[0] !== signResponse) throw new Error('it declines');
  return new FieldReader(answer.subarray(1)).string();
}

async function ask(path: string, question: Buffer, patience: Patience): Promise<Buffer> {
  const { milliseconds, signal } = patience;
  const stream = await withDeadline(connect(path), milliseconds, 'reaching the agent', signal);
  try {
    const answer = readMessage(stream);
    stream.write(field(question));
    return await withDeadline(answer, milliseconds, 'the agent was asked', signal);
  } finally {
    stream.destroy();
  }
}

/** Its socket or pipe; ssh2 also knows how to reach Pageant and the agent of Cygwin. */
function connect(path: string): Promise<Duplex> {
  const agent = createAgent(path);
  return new Promise((resolve, reject) => {
    agent.getStream?.((error, stream) => {
      if (stream) resolve(stream);
      else reject(error ?? new Error('no connection'));
    });
  });
}

function readMessage(stream: Duplex): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4) return;
      const length = received.readUInt32BE(0);
      if (length === 0 || length > largestMessage) reject(new Error('its answer has no length'));
      else if (received.length >= 4 + length) resolve(received.subarray(4, 4 + length));
    });
    stream.on('error', reject);
    stream.on('close', () => reject(new Error('it closed the connection')));
    stream.on('end', () => reject(new Error('it closed the connection')));
  });
}
