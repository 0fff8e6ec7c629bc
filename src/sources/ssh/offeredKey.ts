import { sign as signBytes } from 'node:crypto';

import { utils, type AnyAuthMethod, type ParsedKey } from 'ssh2';

import { BugError } from '../../base/errors';
import { plainTypeOf, typeOfBlob } from './certificate';
import { field, largeNumber } from './wireFields';

/** A public key or certificate to show to a server, and who signs for it. */
export interface OfferedKey {
  readonly blob: Buffer;
  /**
   * The signature as it goes to the server (RFC 4253, section 6.6): the name of its algorithm, its bytes, and
   * what a security key puts behind them. One without bytes lets the attempt fail and the next follow.
   */
  sign(data: Buffer, algorithm: string, signal: AbortSignal): Promise<Buffer>;
}

/** A private key that has been read from a file, showing itself or its certificate. */
export function signedBy(key: ParsedKey, blob = key.getPublicSSH()): OfferedKey {
  return { blob, sign: (data, algorithm) => Promise.resolve(signature(key, data, algorithm)) };
}

function signature(key: ParsedKey, data: Buffer, algorithm: string): Buffer {
  const isOfTwoNumbers = algorithm.startsWith('ecdsa-');
  const secret = { key: key.getPrivatePEM(), dsaEncoding: 'ieee-p1363' } as const;
  const bytes = signBytes(hashOf[algorithm], data, secret);
  const half = bytes.length / 2;
  const value = isOfTwoNumbers
    ? Buffer.concat([largeNumber(bytes.subarray(0, half)), largeNumber(bytes.subarray(half))])
    : bytes;
  return Buffer.concat([field(algorithm), field(value)]);
}

/** Ed25519 has its own hash (RFC 8709), the others that of RFC 5656, RFC 8332 and RFC 4253. */
const hashOf: Readonly<Record<string, string | undefined>> = {
  'ssh-dss': 'sha1',
  'ssh-rsa': 'sha1',
  'rsa-sha2-256': 'sha256',
  'rsa-sha2-512': 'sha512',
  'ecdsa-sha2-nistp256': 'sha256',
  'ecdsa-sha2-nistp384': 'sha384',
  'ecdsa-sha2-nistp521': 'sha512',
};

export function noSignature(algorithm: string): Buffer {
  return Buffer.concat([field(algorithm), field('')]);
}

const offers = new WeakMap<object, OfferedKey>();

/**
 * The method to give to ssh2. It knows neither certificates nor security keys: what it gets looks to it like
 * a key of the plain type, and `publicKeyRequest.ts` sends what is meant.
 */
export function offer(key: OfferedKey, username: string): AnyAuthMethod {
  const stand = Object.create(anyKey(), {
    type: { value: plainTypeOf(typeOfBlob(key.blob)) },
    isPrivateKey: { value: () => true },
    getPublicSSH: { value: () => key.blob },
  }) as ParsedKey;
  offers.set(stand, key);
  return { type: 'publickey', username, key: stand };
}

/** What stands behind a key that ssh2 was given; undefined if that is a key of its own. */
export function offeredAs(key: object): OfferedKey | undefined {
  return offers.get(key);
}

/** ssh2 takes only what has come from its own parser. */
function anyKey(): ParsedKey {
  const blob = Buffer.concat([field('ssh-ed25519'), field(Buffer.alloc(32))]);
  const key = utils.parseKey(`ssh-ed25519 ${blob.toString('base64')}`);
  if (key instanceof Error) throw new BugError(key.message);
  return key;
}
