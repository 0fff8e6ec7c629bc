/**
 * How a PKCS#8 key is encrypted, told without its passphrase, so that a wrong passphrase is not taken for
 * a cipher that cannot be opened. The words of OpenSSL and BoringSSL (VS Code) are not the same and change.
 */

/** Of RFC 8018, RFC 7292 (PKCS#12), NIST and RFC 7914: the ends of the schemes that are met. */
const names: Readonly<Record<string, string>> = {
  '1.2.840.113549.1.5.13': 'PBES2',
  '1.2.840.113549.1.5.12': 'PBKDF2',
  '1.3.6.1.4.1.11591.4.11': 'scrypt',
  '2.16.840.1.101.3.4.1.2': 'AES-128-CBC',
  '2.16.840.1.101.3.4.1.22': 'AES-192-CBC',
  '2.16.840.1.101.3.4.1.42': 'AES-256-CBC',
  '1.2.840.113549.3.7': 'DES-EDE3-CBC',
  '1.2.840.113549.3.2': 'RC2-CBC',
  '1.3.14.3.2.7': 'DES-CBC',
  '1.2.840.113549.1.5.3': 'PBE-MD5-DES',
  '1.2.840.113549.1.5.10': 'PBE-SHA1-DES',
  '1.2.840.113549.1.12.1.1': 'PBE-SHA1-RC4-128',
  '1.2.840.113549.1.12.1.3': 'PBE-SHA1-3DES',
  '1.2.840.113549.1.12.1.6': 'PBE-SHA1-RC2-40',
};
/** The functions inside of PBKDF2 say nothing about the cipher. */
const digests = /^1\.2\.840\.113549\.2\.\d+$/;
const opened = /^(?:PBES2|PBKDF2|scrypt|AES-\d+-CBC|DES-EDE3-CBC|PBE-SHA1-3DES)$/;

/**
 * The schemes and ciphers of an EncryptedPrivateKeyInfo (RFC 5958, section 3), in order. Undefined: the
 * bytes are not one, or not all of one.
 */
export function encryptionOf(body: Buffer): string[] | undefined {
  const whole = elementAt(body, 0);
  if (whole?.tag !== 0x30 || whole.end !== body.length) return undefined;
  const algorithm = elementAt(body, whole.start);
  if (algorithm?.tag !== 0x30) return undefined;
  const data = elementAt(body, algorithm.end);
  if (data?.tag !== 0x04 || data.end !== body.length) return undefined;
  const found = identifiers(body, algorithm.start, algorithm.end, 0);
  return found.filter((id) => !digests.test(id)).map((id) => names[id] ?? id);
}

/** Whether a key that is encrypted so can be opened, so that only its passphrase can be wrong. */
export function canOpen(encryption: readonly string[]): boolean {
  return encryption.length > 0 && encryption.every((name) => opened.test(name));
}

interface Element {
  readonly tag: number;
  readonly start: number;
  readonly end: number;
}

function elementAt(body: Buffer, offset: number): Element | undefined {
  const tag = body[offset];
  const first = body[offset + 1];
  if (tag === undefined || first === undefined) return undefined;
  const extra = first < 0x80 ? 0 : first - 0x80;
  const start = offset + 2 + extra;
  if (extra > 4 || start > body.length) return undefined;
  const length = extra === 0 ? first : body.readUIntBE(offset + 2, extra);
  const end = start + length;
  return end <= body.length ? { tag, start, end } : undefined;
}

function identifiers(body: Buffer, from: number, to: number, depth: number): string[] {
  const found: string[] = [];
  for (let offset = from; offset < to && depth < 8;) {
    const element = elementAt(body, offset);
    if (!element) break;
    const { tag, start, end } = element;
    if (tag === 0x06) found.push(identifier(body.subarray(start, end)));
    if (tag === 0x30) found.push(...identifiers(body, start, end, depth + 1));
    offset = end;
  }
  return found;
}

/** X.690, section 8.19. */
function identifier(bytes: Buffer): string {
  const [first = 0] = bytes;
  const parts = first < 80 ? [Math.floor(first / 40), first % 40] : [2, first - 80];
  let value = 0;
  for (const byte of bytes.subarray(1)) {
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) {
      parts.push(value);
      value = 0;
    }
  }
  return parts.join('.');
}
