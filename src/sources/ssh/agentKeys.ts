import { BaseAgent, createAgent, type ParsedKey } from 'ssh2';

import { messageOf } from '../../base/errors';
import type { Environment } from '../environment';

/** A key that an agent holds: it signs, we never see the private half. */
export interface AgentKey {
  readonly publicKey: Buffer;
  readonly comment: string;
  /** An agent that has only this key, for one attempt of the login. */
  readonly agent: BaseAgent;
}

/** An agent that does not answer must not hold up the login: it may be a dialog that nobody sees. */
const patience = 5000;

/** The keys of the agent; none if there is no agent or it does not answer. */
export async function agentKeys(
  path: string | undefined,
  environment: Environment,
): Promise<AgentKey[]> {
  if (path === undefined || path === '') return [];
  try {
    const agent = createAgent(path);
    const keys = await identities(agent);
    environment.log.debug(`The agent ${path} has ${keys.length} keys.`);
    return keys.map((key) => ({
      publicKey: key.getPublicSSH(),
      comment: key.comment,
      agent: new SingleKeyAgent(agent, key),
    }));
  } catch (error) {
    environment.log.warn(`The agent ${path} does not answer: ${messageOf(error)}.`);
    return [];
  }
}

function identities(agent: BaseAgent): Promise<ParsedKey[]> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('no answer in time')), patience);
    agent.getIdentities((error, keys) => {
      clearTimeout(timer);
      if (error) reject(error);
      else resolve((keys ?? []).filter(isParsedKey));
    });
  });
}

function isParsedKey(key: unknown): key is ParsedKey {
  return typeof key === 'object' && key !== null && 'getPublicSSH' in key;
}

/** Offers one key of an agent, so that the order and number of attempts stay ours. */
class SingleKeyAgent extends BaseAgent<ParsedKey> {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  override getIdentities(callback: (error?: Error | null, keys?: ParsedKey[]) => void): void {
    callback(null, [this.#key]);
  }

  override sign(
    key: ParsedKey,
    data: Buffer,
    options: unknown,
    callback?: (error?: Error | null, signature?: Buffer) => void,
  ): void {
    const answer = typeof options === 'function' ? (options as typeof callback) : callback;
    const settings = typeof options === 'function' ? {} : (options as { hash?: 'sha256' });
    this.#agent.sign(key, data, settings, (error, signature) => {
      // An error would end the whole login. An empty signature only fails this attempt, and the
      // next method follows: an agent may decline (`ssh-add -c`, a locked key store).
      answer?.(null, error ? Buffer.alloc(0) : signature);
    });
  }
}
