import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';

import { utils, type ParsedKey } from 'ssh2';

import { messageOf } from '../../base/errors';
import { canOpen, encryptionOf } from './pkcs8Encryption';
import { field, fieldAt } from './wireFields';

/** Why a key cannot be used. `passphrase`: it is the wrong one; `form`: no other would help. */
export interface KeyFault {
  readonly cause: 'passphrase' | 'form';
  /** Goes on from "The key FILE …". */
  readonly words: string;
}

const curves: Readonly<Record<string, boolean>> = {
  prime256v1: true,
  secp384r1: true,
  secp521r1: true,
};
/** Goes on from "The key FILE …". */
export const handleOfSecurityKey =
  'is the handle of a security key, which only an agent can use: plug that in, and run "ssh-add FILE"';
const sshKeygen = 'Write it anew with "ssh-keygen -p -f FILE"';

/**
 * The key block of a file: what stands around it (a byte order mark, `Bag Attributes` of openssl,
 * `EC PARAMETERS`, a certificate) is left out. Undefined: there is none.
 */
export function keyBlock(text: string): string | undefined {
  const form = /-----BEGIN ([A-Z0-9 ]*PRIVATE KEY)-----[^]*?-----END \1-----/;
  return form
    .exec(text)?.[0]
    .replaceAll(/[ \t]+(?=\r?\n)/g, '')
    .replaceAll(/\r\n?/g, '\n');
}

/**
 * Parses a private key in any of its PEM forms: OpenSSH's own, PKCS#1 and SEC 1 (RFC 5915), PKCS#8 (RFC
 * 5958), encrypted or not.
 */
export function parsePrivateKey(
  block: string,
  passphrase: string | undefined,
): ParsedKey | KeyFault {
  if (/BEGIN (ENCRYPTED )?PRIVATE KEY-----/.test(block)) return parsePkcs8(block, passphrase);
  const key = utils.parseKey(block, passphrase);
  if (!(key instanceof Error)) return isWhole(key) ? key : damaged();
  if (block.includes('BEGIN OPENSSH')) {
    // ssh2 takes it for a cipher that it knows from connections, and fails.
    if (cipherOf(block) === chacha) return unknownCipher(chacha);
    return faultOfOpenSsh(key.message, passphrase);
  }
  return parseOlder(block, passphrase, key.message);
}

const chacha = 'chacha20-poly1305@openssh.com';

/** ssh2 reads the public half, and leaves the rest to whoever signs. */
function isWhole(key: ParsedKey): boolean {
  return key.isPrivateKey() && !(objectOf(key.getPrivatePEM(), undefined) instanceof Error);
}

function cipherOf(block: string): string | undefined {
  const body = Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64');
  return fieldAt(body, 'openssh-key-v1\0'.length)?.toString('latin1');
}

/** What ssh2 says of OpenSSH's form. */
function faultOfOpenSsh(said: string, passphrase: string | undefined): KeyFault {
  // Bytes that were meant to agree do not, or the seal of an AEAD cipher: what a wrong key looks like.
  const isWrong = /integrity check failed|unable to authenticate|bad decrypt/i.test(said);
  if (isWrong && passphrase !== undefined) return wrongPassphrase();
  const type = /Unsupported OpenSSH private key type: (\S+)/.exec(said)?.[1];
  if (type?.startsWith('sk-')) {
    return form(handleOfSecurityKey);
  }
  if (type !== undefined) return form(`is of the type ${type}, which is not supported`);
  const cipher = /Unsupported (?:cipher|kdf).*: (\S+)/.exec(said)?.[1];
  if (cipher !== undefined) return unknownCipher(cipher);
  return form('is damaged, or has a form that is not supported');
}

/** The forms of OpenSSL before PKCS#8. Node knows more ciphers for them than ssh2 does. */
function parseOlder(
  block: string,
  passphrase: string | undefined,
  said: string,
): ParsedKey | KeyFault {
  const [, cipher] = /^DEK-Info: ([^,\s]+),/m.exec(block) ?? [];
  if (cipher === undefined) {
    const key = objectOf(block, undefined);
    return key instanceof Error ? damaged() : fromObject(key);
  }
  const key = objectOf(block, passphrase);
  if (!(key instanceof Error)) return fromObject(key);
  // Whole blocks that decrypt to nothing useful: it can only be the passphrase.
  if (!isWholeBlocks(block, cipher)) return damaged();
  const isKnown = /^(?:aes-(?:128|192|256)-cbc|des-ede3-cbc)$/i.test(cipher);
  return isKnown && !/not supported/.test(said) ? wrongPassphrase() : unknownCipher(cipher);
}

function isWholeBlocks(block: string, cipher: string): boolean {
  const body =
    block
      .split('\n\n')
      .at(-1)
      ?.replace(/-----[^-]*-----/g, '') ?? '';
  const { length } = Buffer.from(body, 'base64');
  return length > 0 && length % (/^des/i.test(cipher) ? 8 : 16) === 0;
}

function parsePkcs8(block: string, passphrase: string | undefined): ParsedKey | KeyFault {
  const isEncrypted = block.includes('BEGIN ENCRYPTED');
  const key = objectOf(block, isEncrypted ? passphrase : undefined);
  if (!(key instanceof Error)) return fromObject(key);
  if (!isEncrypted) return damaged();
  const body = Buffer.from(block.replace(/-----[^-]*-----/g, ''), 'base64');
  const encryption = encryptionOf(body);
  if (encryption === undefined) return damaged();
  return canOpen(encryption) ? wrongPassphrase() : unknownCipher(encryption.join(' and '));
}

function objectOf(block: string, passphrase: string | undefined): KeyObject | Error {
  try {
    return createPrivateKey({ key: block, format: 'pem', passphrase });
  } catch (error) {
    return error instanceof Error ? error : new Error(messageOf(error));
  }
}

/** In the form of its type that ssh2 reads. */
function fromObject(key: KeyObject): ParsedKey | KeyFault {
  const type = key.asymmetricKeyType ?? 'unknown';
  const parsed = ((): ParsedKey | Error | undefined => {
    switch (type) {
      case 'rsa':
        return utils.parseKey(key.export({ format: 'pem', type: 'pkcs1' }).toString());
      case 'ec':
        if (curves[key.asymmetricKeyDetails?.namedCurve ?? ''] !== true) return undefined;
        return utils.parseKey(key.export({ format: 'pem', type: 'sec1' }).toString());
      case 'ed25519':
        return utils.parseKey(ed25519Form(key.export({ format: 'jwk' })));
      default:
        return undefined;
    }
  })();
  if (parsed === undefined) {
    const name = type === 'ec' ? `ec (${key.asymmetricKeyDetails?.namedCurve ?? '?'})` : type;
    return form(`is of the type ${name}, which ssh does not know: make one with "ssh-keygen"`);
  }
  return parsed instanceof Error ? damaged() : parsed;
}

/** OpenSSH's form, not encrypted: PROTOCOL.key of OpenSSH. ssh2 reads ed25519 in no other. */
function ed25519Form({ d = '', x = '' }: JsonWebKey): string {
  const type = field(Buffer.from('ssh-ed25519'));
  const publicHalf = Buffer.from(x, 'base64url');
  const both = Buffer.concat([Buffer.from(d, 'base64url'), publicHalf]);
  const secret = [Buffer.alloc(8), type, field(publicHalf), field(both), field(Buffer.alloc(0))];
  const length = secret.reduce((sum, part) => sum + part.length, 0);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (length % 8)) % 8));
  const none = field(Buffer.from('none'));
  const one = Buffer.from([0, 0, 0, 1]);
  const body = Buffer.concat([
    ...[Buffer.from('openssh-key-v1\0'), none, none, field(Buffer.alloc(0)), one],
    field(Buffer.concat([type, field(publicHalf)])),
    field(Buffer.concat([...secret, padding])),
  ]);
  const lines = body.toString('base64').match(/.{1,70}/g) ?? [];
  const name = 'OPENSSH PRIVATE KEY';
  return [`-----BEGIN ${name}-----`, ...lines, `-----END ${name}-----`].join('\n');
}

function wrongPassphrase(): KeyFault {
  return { cause: 'passphrase', words: '' };
}

function unknownCipher(name: string): KeyFault {
  return form(`is encrypted with ${name}, which is not supported. ${sshKeygen}`);
}

function damaged(): KeyFault {
  return form('is damaged, or has a form that is not supported');
}

function form(words: string): KeyFault {
  return { cause: 'form', words };
}
