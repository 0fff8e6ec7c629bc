import { readFile } from 'node:fs/promises';

import type { ParsedKey } from 'ssh2';

import { BackupError, messageOf, systemCode } from '../../base/errors';
import { isOfSecurityKey, typeOfBlob } from './certificate';
import { handleOfSecurityKey, keyBlock, parsePrivateKey } from './keyText';
import { fieldAt } from './wireFields';

/** A private key file, read but perhaps still locked by its passphrase. */
export interface PrivateKeyFile {
  readonly path: string;
  /** Empty if only the public half is there, and an agent has the private one. */
  readonly text: string;
  readonly encrypted: boolean;
  /** The blob of its public half, where it can be told without the passphrase. */
  readonly publicKey: Buffer | undefined;
}

/** Larger files are no keys. */
const largestFile = 65_536;

/**
 * Reads a private key file. Undefined if there is none. Throws `authentication` if it cannot be read
 * or has a form that is not understood.
 */
export async function readPrivateKey(path: string): Promise<PrivateKeyFile | undefined> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return publicOnly(path, await publicFile(path));
    throw unusable(path, `cannot be read: ${messageOf(error)}`, error);
  }
  const text = content.toString('latin1');
  if (text.startsWith('PuTTY-User-Key-File-')) {
    const advice = `Convert it with "puttygen ${path} -O private-openssh -o ${openSshName(path)}"`;
    throw unusable(path, `is in PuTTY's own format. ${advice} and configure the new file`);
  }
  const named = publicOnly(path, publicBlob(text));
  if (named) return named;
  const block = content.length > largestFile ? undefined : keyBlock(text);
  if (block === undefined) throw unusable(path, 'is not a private key');
  return {
    path,
    text: block,
    encrypted: isEncrypted(block),
    publicKey: publicHalf(block) ?? (await publicFile(path)) ?? publicHalfOfPlain(block),
  };
}

/** Whether only an agent can sign with it: the file is but a public key, or the handle of a security key. */
export function needsAgent({ text, publicKey }: PrivateKeyFile): boolean {
  return text === '' || (publicKey !== undefined && isOfSecurityKey(typeOfBlob(publicKey)));
}

/**
 * Unlocks a key; `ask` gives its passphrase. Throws `authentication`, naming the file, if that is missing or
 * wrong, or if only an agent could use the key.
 */
export async function unlock(
  file: PrivateKeyFile,
  ask: (path: string) => Promise<string | undefined>,
): Promise<ParsedKey> {
  if (file.text === '')
    throw unusable(file.path, 'is a public key, and no agent has its other half');
  if (needsAgent(file)) throw unusable(file.path, handleOfSecurityKey.replace('FILE', file.path));
  const passphrase = file.encrypted ? await ask(file.path) : undefined;
  if (file.encrypted && passphrase === undefined) {
    const message = `The key ${file.path} needs a passphrase, and none is stored for it.`;
    throw new BackupError('authentication', message);
  }
  const key = parsePrivateKey(file.text, passphrase);
  if (!('cause' in key)) return key;
  if (key.cause === 'passphrase') {
    throw new BackupError('authentication', `The passphrase of the key ${file.path} is wrong.`);
  }
  throw unusable(file.path, key.words.replaceAll('FILE', file.path));
}

const openSshMagic = 'openssh-key-v1\0';

function isEncrypted(text: string): boolean {
  const body = openSshBody(text);
  if (!body) {
    return text.includes('Proc-Type: 4,ENCRYPTED') || text.includes('BEGIN ENCRYPTED PRIVATE KEY');
  }
  return fieldAt(body, openSshMagic.length)?.toString('latin1') !== 'none';
}

/** OpenSSH's form keeps the public half readable: magic, cipher, kdf, kdf options, count, key. */
function publicHalf(text: string): Buffer | undefined {
  const body = openSshBody(text);
  if (!body) return undefined;
  let offset = openSshMagic.length;
  for (let field = 0; field < 3; field += 1) {
    const value = fieldAt(body, offset);
    if (!value) return undefined;
    offset += 4 + value.length;
  }
  return fieldAt(body, offset + 4);
}

/** The older forms say it only to who can read the private half. */
function publicHalfOfPlain(block: string): Buffer | undefined {
  const key = isEncrypted(block) ? undefined : parsePrivateKey(block, undefined);
  return key && !('cause' in key) ? key.getPublicSSH() : undefined;
}

function openSshBody(text: string): Buffer | undefined {
  const armour = /-----BEGIN OPENSSH PRIVATE KEY-----([^-]+)-----END/.exec(text);
  const body = Buffer.from(armour?.[1] ?? '', 'base64');
  return body.toString('latin1', 0, openSshMagic.length) === openSshMagic ? body : undefined;
}

/** ssh(1) also takes the public half, to choose among the keys of an agent. */
function publicOnly(path: string, publicKey: Buffer | undefined): PrivateKeyFile | undefined {
  return publicKey && { path, text: '', encrypted: false, publicKey };
}

async function publicFile(path: string): Promise<Buffer | undefined> {
  return publicBlob(await readFile(`${path}.pub`, 'latin1').catch(() => ''));
}

/** The blob of a line such as `ssh-ed25519 AAAA… comment`. */
export function publicBlob(line: string): Buffer | undefined {
  const blob = /^(?:ssh|ecdsa|sk)-\S+ ([A-Za-z0-9+/]+=*)/.exec(line)?.[1];
  return blob === undefined ? undefined : Buffer.from(blob, 'base64');
}

function openSshName(path: string): string {
  return path.replace(/\.ppk$/i, '') + '.openssh';
}

function unusable(path: string, fault: string, cause?: unknown): BackupError {
  return new BackupError('authentication', `The key ${path} ${fault}.`, { cause });
}
