/** An authority that signs keys for OpenSSH, as `TrustedUserCAKeys` and `@cert-authority` name it. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { makeKey } from './openssh';

export interface Signing {
  readonly principals?: readonly string[];
  /** As `ssh-keygen -V` takes it. Default: from yesterday to tomorrow. */
  readonly validity?: string;
  readonly isForHosts?: boolean;
}

export class Authority implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sauvegarde-authority-'));
  readonly publicFile = join(this.folder, 'ca.pub');

  constructor() {
    // The server reads what is here as the account.
    chmodSync(this.folder, 0o755);
    makeKey(join(this.folder, 'ca'));
  }

  /** `ssh-ed25519 AAAA…` */
  get publicKey(): string {
    return readFileSync(this.publicFile, 'utf8').split(' ').slice(0, 2).join(' ');
  }

  /** Signs `KEY.pub`, and gives the path of `KEY-cert.pub`. */
  sign(key: string, options: Signing = {}): string {
    const { principals = ['sauvegarde-test'], validity = '-1d:+1d', isForHosts = false } = options;
    const names = principals.length === 0 ? [] : ['-n', principals.join(',')];
    const ca = join(this.folder, 'ca');
    const kind = isForHosts ? ['-h'] : [];
    const args = ['-q', '-s', ca, '-I', 'test', ...kind, ...names, '-V', validity, `${key}.pub`];
    execFileSync('ssh-keygen', args);
    return `${key}-cert.pub`;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
