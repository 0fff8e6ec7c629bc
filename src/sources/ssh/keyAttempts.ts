import type { ParsedKey } from 'ssh2';

import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import { agentKeys, type AgentKey } from './agentKeys';
import type { Attempt } from './attempt';
import { faultOf, parseCertificate, type Certificate } from './certificate';
import {
  namedCertificates,
  namedIdentities,
  usualIdentities,
  withoutStop,
  type CertificateFile,
  type IdentityFile,
  type Note,
} from './identityFiles';
import { offer, signedBy, type OfferedKey } from './offeredKey';
import { needsAgent, unlock, type PrivateKeyFile } from './privateKey';
import { addressOf, type SshTarget } from './target';

/**
 * The keys to offer, in order: the certificates that are named, the configured key or those of ~/.ssh/config
 * (each followed by the certificate beside it, as ssh(1) does), the agent's, the usual ones. A configured key
 * that cannot be used throws `authentication`; of the others `note` is told.
 * @param timeout milliseconds that an agent may take where nobody is there
 */
export async function keyAttempts(
  target: SshTarget,
  environment: Environment,
  timeout: number,
  note: Note,
): Promise<Attempt[]> {
  const asking = { environment, address: addressOf(target), timeout, note };
  const agent = await agentKeys(target.agent, asking);
  const certificates = await namedCertificates(target, note);
  const named = await namedIdentities(target, note);
  const isUsual = target.privateKey === undefined && named.length === 0;
  const usual = isUsual ? await usualIdentities(target, environment, note) : [];
  const keys = new KeyAttempts(target, environment, agent, [...named, ...usual], note);
  // What is named is tried through the agent or from its file: not twice.
  const mentioned = [...certificates.map(({ blob }) => blob), ...named.flatMap(blobsOf)];
  const rest = target.identitiesOnly ? [] : agent.filter(({ blob }) => !isIn(mentioned, blob));
  const offered = rest.map(({ blob }) => blob);
  return [
    ...certificates.map((certificate) => keys.byCertificate(certificate)),
    ...named.flatMap((identity) => keys.byIdentity(identity)),
    ...rest.map((key) => keys.byAgent(key)),
    ...usual.flatMap((identity) => keys.byIdentity(identity, offered)),
  ].filter((attempt) => attempt !== undefined);
}

class KeyAttempts {
  readonly #target: SshTarget;
  readonly #environment: Environment;
  readonly #agent: readonly AgentKey[];
  readonly #files: readonly PrivateKeyFile[];
  readonly #note: Note;

  constructor(
    target: SshTarget,
    environment: Environment,
    agent: readonly AgentKey[],
    identities: readonly IdentityFile[],
    note: Note,
  ) {
    this.#target = target;
    this.#environment = environment;
    this.#agent = agent;
    this.#files = identities.flatMap(({ key }) => key ?? []);
    this.#note = note;
  }

  /** The plain key and the certificate beside it, without those that are `offered` otherwise. */
  byIdentity(
    { key, certificate }: IdentityFile,
    offered: readonly Buffer[] = [],
  ): (Attempt | undefined)[] {
    return [
      key?.publicKey && isIn(offered, key.publicKey) ? undefined : key && this.#byKey(key),
      certificate && !isIn(offered, certificate.blob)
        ? this.byCertificate(certificate, key)
        : undefined,
    ];
  }

  byAgent(key: AgentKey): Attempt {
    const certificate = parseCertificate(key.blob);
    const what = certificate ? 'certificate' : 'key';
    return {
      method: 'publickey',
      label: `agent ${what} ${key.comment}`.trim(),
      whyRefused: certificate && this.#faultOf(certificate, `${key.comment} of the agent`),
      prepare: () => Promise.resolve(offer(key, this.#target.username)),
    };
  }

  /**
   * A certificate, with whoever has its private half: a file that is open, the agent, a file that needs its
   * passphrase. `beside` is the key that its name goes with.
   */
  byCertificate(certificate: CertificateFile, beside?: PrivateKeyFile): Attempt | undefined {
    const { blob, publicKey, path } = certificate;
    const holds = (file: PrivateKeyFile | undefined): boolean =>
      file?.publicKey?.equals(publicKey) === true;
    // The encrypted older forms do not say which key they are.
    const silent = [beside, ...this.#files].find((file) => file && file.publicKey === undefined);
    const file = holds(beside) ? beside : (this.#files.find(holds) ?? silent);
    const whole = this.#held(blob);
    const held = whole ?? this.#held(publicKey)?.for(blob);
    const isOpen = file && !file.encrypted && !needsAgent(file);
    const signer = isOpen ? undefined : held;
    if (!signer && !file) {
      this.#note(`no key fits the certificate ${path}`);
      return undefined;
    }
    return {
      method: 'publickey',
      label: `certificate ${path}`,
      whyRefused: this.#faultOf(certificate, path),
      prepare: async () => {
        const key = signer ?? (file && (await this.#certified(certificate, file)));
        return key && offer(key, this.#target.username);
      },
    };
  }

  #byKey(file: PrivateKeyFile): Attempt {
    // A passphrase is not asked for where the agent has unlocked the key already.
    const isLocked = file.encrypted || needsAgent(file);
    const held = isLocked && file.publicKey ? this.#held(file.publicKey) : undefined;
    if (held) return this.byAgent(held);
    return {
      method: 'publickey',
      label: `key ${file.path}`,
      prepare: async () => {
        const key = await this.#unlocked(file);
        return key && offer(signedBy(key), this.#target.username);
      },
    };
  }

  async #certified(
    { blob, publicKey, path }: CertificateFile,
    file: PrivateKeyFile,
  ): Promise<OfferedKey | undefined> {
    const key = await this.#unlocked(file);
    if (!key) return undefined;
    if (!key.getPublicSSH().equals(publicKey)) {
      this.#note(`no key fits the certificate ${path}`);
      return undefined;
    }
    return signedBy(key, blob);
  }

  async #unlocked(file: PrivateKeyFile): Promise<ParsedKey | undefined> {
    const { credentials } = this.#environment;
    return unlock(file, (path) => credentials.passphrase(path)).catch((error: unknown) => {
      const isConfigured = file.path === this.#target.privateKey;
      if (isConfigured || !(error instanceof BackupError)) throw error;
      this.#note(withoutStop(error.message));
      return undefined;
    });
  }

  #held(blob: Buffer): AgentKey | undefined {
    return this.#agent.find((key) => key.blob.equals(blob));
  }

  #faultOf(certificate: Certificate, name: string): string | undefined {
    const fault = faultOf(certificate, this.#target.username, this.#environment.clock.now());
    return fault && `the certificate ${name} ${fault}`;
  }
}

function blobsOf({ key, certificate }: IdentityFile): Buffer[] {
  return [key?.publicKey, certificate?.blob].filter((blob) => blob !== undefined);
}

function isIn(blobs: readonly Buffer[], blob: Buffer): boolean {
  return blobs.some((other) => other.equals(blob));
}
