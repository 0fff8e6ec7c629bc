/** A security key (FIDO) made of software, for OpenSSH's own programs: the tests have no hardware. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type SecurityKeyType = 'ed25519-sk' | 'ecdsa-sk';

export class SecurityKey implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'sauvegarde-security-key-'));
  readonly #provider = join(this.#folder, 'securityKey.so');
  /** A signature waits until this file exists, in an agent that is started with `waiting`. */
  readonly touch = join(this.#folder, 'touched');

  constructor() {
    const source = fileURLToPath(new URL('securityKey.c', import.meta.url));
    const args = ['-w', '-shared', '-fPIC', '-o', this.#provider, source, '-lcrypto'];
    execFileSync('gcc', args, { stdio: 'inherit' });
  }

  /** ssh-agent takes only middleware of the system by itself. */
  get agentOptions(): string[] {
    return ['-P', this.#provider];
  }

  /** For ssh-agent: it waits to be touched. */
  get waiting(): NodeJS.ProcessEnv {
    return { SECURITY_KEY_TOUCH: this.touch };
  }

  /** For ssh-keygen and ssh-add. */
  get env(): NodeJS.ProcessEnv {
    return { SSH_SK_PROVIDER: this.#provider };
  }

  /** Makes a handle at `path`, and its public key at `path.pub`. */
  makeHandle(path: string, type: SecurityKeyType, passphrase = ''): void {
    const args = ['-q', '-t', type, '-N', passphrase, '-C', 'test', '-f', path];
    execFileSync('ssh-keygen', args, { env: { ...process.env, ...this.env } });
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
