import { createCipheriv, createDecipheriv, createHash, randomBytes, scryptSync } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/*
 * restic makes whoever opens a repository reckon for a third of a second (scrypt), so that guessing passwords
 * is slow. For a password that stands in the tests, that was two thirds of what they cost: the key of the
 * repository is locked anew, with a thousandth of the work (restic's "Repository Layout": Keys, Encryption and MAC).
 */

interface KeyFile {
  readonly N: number;
  readonly r: number;
  readonly p: number;
  readonly salt: string;
  /** In base64, as the salt: nonce (16 bytes), the keys, and their code (16). */
  readonly data: string;
}

const cheap = { N: 1024, r: 8, p: 1 };

/** @param repository its folder on this computer, right after it was made */
export function makeKeyCheap(repository: string, password: string): void {
  const folder = path.join(repository, 'keys');
  const [name = ''] = readdirSync(folder);
  const key = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as KeyFile;
  const sealed = Buffer.from(key.data, 'base64');
  const { encryption } = keysOf(password, key);
  const opening = createDecipheriv('aes-256-ctr', encryption, sealed.subarray(0, 16));
  const master = opening.update(sealed.subarray(16, -16));
  const cheaper = { ...key, ...cheap };
  const text = JSON.stringify({ ...cheaper, data: seal(master, password, cheaper) });
  const digest = createHash('sha256').update(text).digest('hex');
  writeFileSync(path.join(folder, digest), text);
  rmSync(path.join(folder, name), { force: true });
}

function seal(master: Buffer, password: string, key: KeyFile): string {
  const { encryption, k, r } = keysOf(password, key);
  const nonce = randomBytes(16);
  const sealed = createCipheriv('aes-256-ctr', encryption, nonce).update(master);
  const aes = createCipheriv('aes-128-ecb', k, null).setAutoPadding(false);
  return Buffer.concat([nonce, sealed, poly1305(sealed, r, aes.update(nonce))]).toString('base64');
}

function keysOf(
  password: string,
  { N, r, p, salt }: KeyFile,
): { readonly encryption: Buffer; readonly k: Buffer; readonly r: Buffer } {
  const options = { N, r, p, maxmem: 256 * N * r };
  const bytes = scryptSync(password, Buffer.from(salt, 'base64'), 64, options);
  return {
    encryption: bytes.subarray(0, 32),
    k: bytes.subarray(32, 48),
    r: bytes.subarray(48, 64),
  };
}

/** RFC 8439, 2.5: with `s` in the place of the second half of the key. */
function poly1305(message: Buffer, key: Buffer, s: Buffer): Buffer {
  const prime = (1n << 130n) - 5n;
  const r = numberOf(key) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let sum = 0n;
  for (let at = 0; at < message.length; at += 16) {
    const block = Buffer.concat([message.subarray(at, at + 16), Buffer.from([1])]);
    sum = ((sum + numberOf(block)) * r) % prime;
  }
  const code = (sum + numberOf(s)) & ((1n << 128n) - 1n);
  return Buffer.from(code.toString(16).padStart(32, '0'), 'hex').reverse();
}

/** Little-endian. */
function numberOf(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}
