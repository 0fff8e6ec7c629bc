import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { BackupError, systemCode, messageOf } from '../../base/errors';
import type { Environment } from '../environment';
import { parseCertificate, type Certificate } from './certificate';
import { publicBlob, readPrivateKey, type PrivateKeyFile } from './privateKey';
import type { SshTarget } from './target';

export interface CertificateFile extends Certificate {
  readonly path: string;
}

/** What a path of `IdentityFile` leads to: a key, a certificate beside it, or both. */
export interface IdentityFile {
  readonly key: PrivateKeyFile | undefined;
  readonly certificate: CertificateFile | undefined;
}

export type Note = (text: string) => void;

const usualKeys = ['id_ed25519', 'id_ed25519_sk', 'id_ecdsa', 'id_ecdsa_sk', 'id_rsa'];

/**
 * The configured key, or those of ~/.ssh/config. A configured one that cannot be used throws
 * `authentication`; of the others `note` is told.
 */
export async function namedIdentities(target: SshTarget, note: Note): Promise<IdentityFile[]> {
  if (target.privateKey === undefined) return readAll(target.identityFiles, target, note);
  const identity = await readIdentity(target.privateKey, target, note);
  if (identity.key || identity.certificate) return [identity];
  const message = `The key ${target.privateKey} of "${target.label}" does not exist.`;
  throw new BackupError('authentication', message);
}

/** The keys that are tried where none is named. */
export function usualIdentities(
  target: SshTarget,
  { home }: Environment,
  note: Note,
): Promise<IdentityFile[]> {
  const paths = usualKeys.map((name) => join(home, '.ssh', name));
  return readAll(paths, target, note);
}

/** The certificates of `CertificateFile`, in order. */
export async function namedCertificates(target: SshTarget, note: Note): Promise<CertificateFile[]> {
  const found: CertificateFile[] = [];
  for (const path of target.certificateFiles) {
    const certificate = await readCertificate(path, note);
    if (certificate) found.push(certificate);
    else note(`there is no certificate in ${path}`);
  }
  return found;
}

async function readAll(
  paths: readonly string[],
  target: SshTarget,
  note: Note,
): Promise<IdentityFile[]> {
  const identities: IdentityFile[] = [];
  for (const path of paths) {
    try {
      const identity = await readIdentity(path, target, note);
      if (identity.key || identity.certificate) identities.push(identity);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      note(withoutStop(error.message));
    }
  }
  return identities;
}

/** As ssh(1): `KEY-cert.pub` counts where no certificate is named. */
async function readIdentity(path: string, target: SshTarget, note: Note): Promise<IdentityFile> {
  const key = await readPrivateKey(path);
  const isNamed = target.certificateFiles.length > 0;
  return {
    key,
    certificate: isNamed ? undefined : await readCertificate(`${path}-cert.pub`, note),
  };
}

/** Undefined: the file is missing, or holds no certificate. */
async function readCertificate(path: string, note: Note): Promise<CertificateFile | undefined> {
  try {
    const blob = publicBlob(await readFile(path, 'latin1'));
    const certificate = blob && parseCertificate(blob);
    return certificate && { ...certificate, path };
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') note(`${path} cannot be read: ${messageOf(error)}`);
    return undefined;
  }
}

/** The sentence of an error, to be part of another. */
export function withoutStop(message: string): string {
  return message.replace(/\.$/, '').replace(/^T/, 't');
}
