import { messageOf } from '../../base/errors';
import type { Environment } from '../environment';
import { askIdentities, askSignature } from './agentProtocol';
import { isOfSecurityKey, typeOfBlob } from './certificate';
import { noSignature, type OfferedKey } from './offeredKey';

/** A key or certificate that an agent holds: it signs, we never see the private half. */
export interface AgentKey extends OfferedKey {
  readonly comment: string;
  /** The same key, signing for a certificate that the agent does not have. */
  for(certificate: Buffer): OfferedKey;
}

/** What the keys of an agent need beside it. */
export interface Asking {
  readonly environment: Environment;
  /** The host that is logged in to, for people. */
  readonly address: string;
  /** Milliseconds that a signature may take where nobody is there to agree to it. */
  readonly timeout: number;
  /** Told what fails, to go on from "Also, …". */
  readonly note: (text: string) => void;
}

/** Milliseconds: an agent that does not answer must not hold up the login. */
const patience = 5000;
/** Milliseconds that a person may take to touch a key or to agree: as long as OpenSSH's server waits for a login. */
const patienceWithPerson = 120_000;
/** Milliseconds: what takes longer waits for a person. */
const settling = 1000;

/** The keys of the agent, in its order; none if there is no agent or it does not answer. */
export async function agentKeys(path: string | undefined, asking: Asking): Promise<AgentKey[]> {
  if (path === undefined || path === '') return [];
  const { log } = asking.environment;
  try {
    const identities = await askIdentities(path, { milliseconds: patience });
    log.debug(`The agent ${path} has ${identities.length} keys.`);
    return identities.map(({ publicKey, comment }) => {
      const offered = (blob: Buffer): OfferedKey => ({
        blob,
        sign: (data, algorithm, signal) =>
          signByAgent(path, { publicKey, comment }, data, algorithm, signal, asking),
      });
      return { ...offered(publicKey), comment, for: offered };
    });
  } catch (error) {
    log.warn(`The agent ${path} does not answer: ${messageOf(error)}.`);
    return [];
  }
}

async function signByAgent(
  path: string,
  { publicKey, comment }: { publicKey: Buffer; comment: string },
  data: Buffer,
  algorithm: string,
  signal: AbortSignal,
  { environment, address, timeout, note }: Asking,
): Promise<Buffer> {
  const { touch } = environment;
  const isTouched = isOfSecurityKey(typeOfBlob(publicKey));
  const milliseconds = touch ? patienceWithPerson : timeout;
  const waits = isTouched ? setTimeout(() => touch?.(address), settling) : undefined;
  try {
    return await askSignature(path, publicKey, data, algorithm, { milliseconds, signal });
  } catch (error) {
    // An agent may decline (`ssh-add -c`, a locked key store, nobody there): the next method follows.
    const advice = isTouched ? ': touch the security key while the login waits' : '';
    const why = messageOf(error).replace(/\.$/, '');
    note(`the agent does not sign with its key ${comment} (${why})${advice}`);
    return noSignature(algorithm);
  } finally {
    clearTimeout(waits);
  }
}
