import fs from 'node:fs';
import { expect } from 'vitest';
import type { CopyRepository } from '../../src/copies/copyRepository';
import {
  openRepository,
  type RepositoryEnvironment,
} from '../../src/copies/restic/resticRepository';
import {
  copySnapshots,
  type CopiedSnapshot,
  type CopyOptions,
} from '../../src/jobs/copies/copySnapshots';
import { backUp } from '../../src/jobs/backUp/backUp';
import { recover, type Recovered } from '../../src/jobs/copies/recover';
import { verify } from '../../src/jobs/verify/verify';
import type { Copy } from '../../src/model/configuration/copy';
import type { RawCopy } from '../../src/model/configuration/copySchema';
import type { Server } from '../../src/model/configuration/server';
import type { RunReport } from '../../src/report/runReport';
import { BackUpFixture } from '../conformance/backUpFixture';
import { makeKeyCheap } from '../servers/cheapKey';
import type { FarEnd } from '../servers/repositories';
import { password } from './copiedSite';

const never = new AbortController().signal;

/** A backup of a folder of this computer that is copied to a repository, without the command line. */
export class CopiedFixture extends BackUpFixture {
  readonly content: string;
  readonly #farEnd: FarEnd;

  constructor(farEnd: FarEnd, content: string, secret = password) {
    super({ protocol: 'local', include: [content] }, { password: secret });
    this.content = content;
    this.#farEnd = farEnd;
  }

  static async create(farEnd: FarEnd, content: string): Promise<CopiedFixture> {
    const fixture = new CopiedFixture(farEnd, content);
    await (await fixture.repository()).create(never);
    if (farEnd.folder !== undefined) makeKeyCheap(farEnd.folder, password);
    return fixture;
  }

  /** Another program that has the same repository, and another password. */
  withPassword(secret: string): CopyOptions {
    const environment = {
      ...this.repositoryEnvironment,
      credentials: { ...this.environment.credentials, password: () => Promise.resolve(secret) },
    };
    return { ...this.options(), environment };
  }

  get repositoryEnvironment(): RepositoryEnvironment {
    const { HOME = '/root', PATH } = process.env;
    return { ...this.environment, variables: { HOME, PATH, ...this.#farEnd.env } };
  }

  copiedServer(copy: Partial<RawCopy> = {}): Server & { readonly copies: readonly Copy[] } {
    const restic = this.#farEnd.address;
    const server = this.server({ copies: [{ name: 'nas', restic, ...copy }] });
    return { ...server, copies: server.copies ?? [] };
  }

  options(copy: Partial<RawCopy> = {}): CopyOptions {
    const server = this.copiedServer(copy);
    const [first] = server.copies;
    if (!first) throw new Error('There is no copy.');
    const environment = this.repositoryEnvironment;
    return { server, copy: first, store: this.store, environment, signal: never };
  }

  repository(): Promise<CopyRepository> {
    return openRepository(this.options().copy, this.repositoryEnvironment, never);
  }

  copy(copy: Partial<RawCopy> = {}): Promise<readonly CopiedSnapshot[]> {
    return copySnapshots(this.options(copy));
  }

  /** A run that compares all content with the server. */
  runReread(): Promise<RunReport> {
    const { store, environment } = this;
    const server = this.server();
    return backUp({ server, store, environment, signal: never, reread: true });
  }

  /** The snapshots in the repository, newest first. */
  async copied(): Promise<string[]> {
    const records = await (await this.repository()).copies('test', never);
    return records.map(({ snapshot }) => snapshot);
  }

  recover(wanted = 'all'): Promise<readonly Recovered[]> {
    return recover({ ...this.options(), wanted });
  }

  async expectWhole(): Promise<void> {
    const { store, environment } = this;
    const server = this.server();
    const verified = await verify({ server, store, environment, signal: never, scope: 'all' });
    expect(verified.length).toBeGreaterThan(0);
    expect(verified.filter(({ status }) => status !== 'whole')).toEqual([]);
  }

  loseTheDisk(): void {
    fs.rmSync(this.store.layout.root, { recursive: true });
  }
}
