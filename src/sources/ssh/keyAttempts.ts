import { join } from 'node:path';

import type { ParsedKey } from 'ssh2';

import { BackupError } from '../../base/errors';
import type { Environment } from '../environment';
import { agentKeys, type AgentKey } from './agentKeys';
import type { Attempt } from './attempt';
import { readPrivateKey, unlock, type PrivateKeyFile } from './privateKey';
import type { SshTarget } from './target';

const usualKeys = ['id_ed25519', 'id_ecdsa', 'id_rsa'];

type Note = (text: string) => void;

/**
 * The keys to offer, in order: the configured one or those of ~/.ssh/config, the agent's, the usual
 * ones. A configured key that cannot be used throws `authentication`; of the others `note` is told.
 */
export async function keyAttempts(
  target: SshTarget,
  environment: Environment,
  note: Note,
): Promise<Attempt[]> {
  const agent = await agentKeys(target.agent, environment);
  const named = await namedKeys(target, note);
  const usual = target.privateKey === undefined && named.length === 0;
  const others = usual ? await usualKeyFiles(environment, note) : [];
  const attempts = named.map((file) => fileAttempt(file, agent, target, environment, note));
  // The named keys are tried through the agent or from their files: not twice.
  const rest = agent.filter((key) => !named.some((file) => isSame(file, key)));
  if (!target.identitiesOnly) attempts.push(...rest.map((key) => agentAttempt(key, target)));
  const unheld = others.filter((file) => !agent.some((key) => isSame(file, key)));
  attempts.push(...unheld.map((file) => fileAttempt(file, agent, target, environment, note)));
  return attempts;
}

async function namedKeys(target: SshTarget, note: Note): Promise<PrivateKeyFile[]> {
  if (target.privateKey !== undefined) {
    const file = await readPrivateKey(target.privateKey);
    if (file) return [file];
    const message = `The key ${target.privateKey} of "${target.label}" does not exist.`;
    throw new BackupError('authentication', message);
  }
  return readAll(target.identityFiles, note);
}

function usualKeyFiles(environment: Environment, note: Note): Promise<PrivateKeyFile[]> {
  const paths = usualKeys.map((name) => join(environment.home, '.ssh', name));
  return readAll(paths, note);
}

async function readAll(paths: readonly string[], note: Note): Promise<PrivateKeyFile[]> {
  const files: PrivateKeyFile[] = [];
  for (const path of paths) {
    try {
      const file = await readPrivateKey(path);
      if (file) files.push(file);
    } catch (error) {
      if (!(error instanceof BackupError)) throw error;
      note(withoutStop(error.message));
    }
  }
  return files;
}

function fileAttempt(
  file: PrivateKeyFile,
  agent: readonly AgentKey[],
  target: SshTarget,
  environment: Environment,
  note: Note,
): Attempt {
  // A passphrase is not asked for where the agent has unlocked the key already.
  const isLocked = file.encrypted || file.text === '';
  const held = isLocked ? agent.find((key) => isSame(file, key)) : undefined;
  if (held) return agentAttempt(held, target);
  const isConfigured = file.path === target.privateKey;
  return {
    method: 'publickey',
    label: `key ${file.path}`,
    prepare: async () => {
      const key = await unlocked(file, environment).catch((error: unknown) => {
        if (isConfigured || !(error instanceof BackupError)) throw error;
        note(withoutStop(error.message));
        return undefined;
      });
      return key && { type: 'publickey', username: target.username, key };
    },
  };
}

async function unlocked(file: PrivateKeyFile, environment: Environment): Promise<ParsedKey> {
  const { credentials } = environment;
  return unlock(file, file.encrypted ? await credentials.passphrase(file.path) : undefined);
}

function agentAttempt(key: AgentKey, { username }: SshTarget): Attempt {
  return {
    method: 'publickey',
    label: `agent key ${key.comment}`.trim(),
    prepare: () => Promise.resolve({ type: 'agent', username, agent: key.agent }),
  };
}

function isSame(file: PrivateKeyFile, key: AgentKey): boolean {
  return file.publicKey?.equals(key.publicKey) === true;
}

/** The sentence of an error, to be part of another. */
function withoutStop(message: string): string {
  return message.replace(/\.$/, '').replace(/^T/, 't');
}
