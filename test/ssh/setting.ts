/** What the tests of SSH and SFTP give to the product: a server, credentials, a home folder. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { systemClock } from '../../src/base/clock';
import { silentLog } from '../../src/base/log';
import type { Server } from '../../src/model/configuration/server';
import type { Credentials, Question } from '../../src/sources/credentials';
import type { Environment } from '../../src/sources/environment';

/** Answers from tables, and remembers what was asked. */
export class TableCredentials implements Credentials {
  readonly passwords = new Map<string, string>();
  readonly passphrases = new Map<string, string>();
  readonly asked: string[] = [];
  answer: ((question: Question) => string[] | undefined) | undefined;

  password(endpoint: string): Promise<string | undefined> {
    this.asked.push(endpoint);
    return Promise.resolve(this.passwords.get(endpoint));
  }

  passphrase(keyFile: string): Promise<string | undefined> {
    this.asked.push(keyFile);
    return Promise.resolve(this.passphrases.get(keyFile));
  }

  answers(_endpoint: string, question: Question): Promise<string[] | undefined> {
    this.asked.push(...question.prompts.map(({ text }) => text));
    return Promise.resolve(this.answer?.(question));
  }
}

/** A home folder of its own, with an empty ~/.ssh. */
export class Setting implements AsyncDisposable {
  readonly credentials = new TableCredentials();
  readonly home = mkdtempSync(join(tmpdir(), 'sauvegarde-home-'));
  agent: string | undefined;

  constructor() {
    mkdirSync(join(this.home, '.ssh'));
  }

  get environment(): Environment {
    const { credentials, home, agent } = this;
    return { clock: systemClock, log: silentLog, credentials, home, agent, user: 'nobody' };
  }

  /** Writes a file of `~/.ssh`. */
  write(name: string, content: string): void {
    writeFileSync(join(this.home, '.ssh', name), content);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

/** A server as the configuration describes it, on loopback. */
export function serverAt(port: number, more: Partial<Server> = {}): Server {
  return {
    name: 'web',
    protocol: 'sftp',
    host: '127.0.0.1',
    port,
    username: 'sauvegarde-test',
    jump: [],
    tls: 'explicit',
    via: 'ssh',
    encoding: 'utf8',
    include: ['/'],
    exclude: [],
    links: 'record',
    connections: 4,
    timeout: 5000,
    ...more,
  };
}

export const never = new AbortController().signal;
