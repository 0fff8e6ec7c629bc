/** OpenSSH's certificates (PROTOCOL.certkeys): a public key, and who says for whom and how long it is good. */
import { printable } from '../../model/remotePath';
import { FieldReader, field } from './wireFields';

export interface Certificate {
  /** What is shown to a server in the place of the plain key. */
  readonly blob: Buffer;
  /** The blob of the plain key: whoever has its private half can use the certificate. */
  readonly publicKey: Buffer;
  /** A host's certificate lets nobody in. */
  readonly isForUsers: boolean;
  /** The accounts that it is good for, as the authority names them; empty: all. */
  readonly principals: readonly string[];
  /** Seconds since 1970; the end is the first second in which it is no longer good. */
  readonly from: bigint;
  readonly until: bigint;
}

const suffix = '-cert-v01@openssh.com';
const forUsers = 1;
/** "No end" (all bits set). */
const always = 2n ** 64n - 1n;

/** So many fields of each type are the public key. */
const keyFields: Readonly<Record<string, number>> = {
  'ssh-rsa': 2,
  'ssh-ed25519': 1,
  'ecdsa-sha2-nistp256': 2,
  'ecdsa-sha2-nistp384': 2,
  'ecdsa-sha2-nistp521': 2,
  'sk-ssh-ed25519@openssh.com': 2,
  'sk-ecdsa-sha2-nistp256@openssh.com': 3,
};

/** The type that a blob begins with: `ssh-ed25519`, `ssh-ed25519-cert-v01@openssh.com` … */
export function typeOfBlob(blob: Buffer): string {
  try {
    return new FieldReader(blob).string().toString('latin1');
  } catch {
    return '';
  }
}

/** The type of the plain key: that of a security key ends with `@openssh.com` itself. */
export function plainTypeOf(type: string): string {
  if (!type.endsWith(suffix)) return type;
  const plain = type.slice(0, -suffix.length);
  return plain.startsWith('sk-') ? `${plain}@openssh.com` : plain;
}

/** The name under which a server is asked to take a signature by a certificate. */
export function certifiedAlgorithm(algorithm: string): string {
  return `${algorithm.replace(/@openssh\.com$/, '')}${suffix}`;
}

/** Whether a key lies in a device that a person has to touch. */
export function isOfSecurityKey(type: string): boolean {
  return type.startsWith('sk-');
}

/** Reads a certificate. Undefined: it is none, or of a type that is not known. */
export function parseCertificate(blob: Buffer): Certificate | undefined {
  const type = typeOfBlob(blob);
  const plain = plainTypeOf(type);
  const fields = type === plain ? undefined : keyFields[plain];
  if (fields === undefined) return undefined;
  try {
    return read(blob, plain, fields);
  } catch {
    return undefined;
  }
}

function read(blob: Buffer, plain: string, fields: number): Certificate {
  const reader = new FieldReader(blob);
  // The type and the nonce.
  reader.string();
  reader.string();
  const key = Array.from({ length: fields }, () => field(reader.string()));
  const publicKey = Buffer.concat([field(plain), ...key]);
  // The serial number.
  reader.uint64();
  const isForUsers = reader.uint32() === forUsers;
  // The name of the certificate.
  reader.string();
  const principals = strings(reader.string());
  const [from, until] = [reader.uint64(), reader.uint64()];
  return { blob, publicKey, isForUsers, principals, from, until };
}

function strings(bytes: Buffer): string[] {
  const reader = new FieldReader(bytes);
  const found: string[] = [];
  while (!reader.isAtEnd) found.push(reader.string().toString('utf8'));
  return found;
}

/**
 * Why a server may have refused a certificate, to go on from "the certificate FILE". Undefined: nothing can
 * be seen. An account may be mapped to other principals on the server, so a name that is missing is only told.
 * @param now milliseconds since 1970
 */
export function faultOf(
  { isForUsers, principals, from, until }: Certificate,
  username: string,
  now: number,
): string | undefined {
  const seconds = BigInt(Math.floor(now / 1000));
  if (!isForUsers) return 'is one for hosts, not for accounts';
  if (until !== always && seconds >= until)
    return `ended on ${dateOf(until)}; have it signed again`;
  if (seconds < from) {
    return `is good from ${dateOf(from)} on; compare that with the clock of this computer`;
  }
  if (principals.length === 0 || principals.includes(username)) return undefined;
  const names = principals.map((name) => printable(Buffer.from(name).toString('latin1')));
  return `names ${names.join(', ')}, and not ${username}`;
}

function dateOf(seconds: bigint): string {
  const milliseconds = Number(seconds) * 1000;
  // The end of what dates can be.
  if (milliseconds > 8.64e15) return 'a day far away';
  return new Date(milliseconds).toISOString().replace(/\.000Z$/, 'Z');
}
