import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { CommandLine, type Event, type Result, type RunOptions } from '../cli/commandLine';
import { makeKeyCheap } from '../servers/cheapKey';
import type { FarEnd } from '../servers/repositories';

export const password = 'Correct-Horse 7';

/** An event of a copy. */
export interface CopyEvent extends Event {
  readonly server?: string;
  readonly copy?: string;
  readonly id?: string;
  readonly readFiles?: number;
}

/** A backup of a folder of this computer, and a repository that it is copied to, by the command line. */
export class CopiedSite extends CommandLine {
  readonly #farEnd: FarEnd;
  readonly #content: string;

  constructor(farEnd: FarEnd, content: string, copy: object = {}) {
    super();
    this.#farEnd = farEnd;
    this.#content = content;
    this.configureCopy(copy);
  }

  /** `after` is `never` unless a test says otherwise: it wants to say when. */
  configureCopy(copy: object = {}): void {
    this.configure({
      copies: [{ name: 'nas', restic: this.#farEnd.address, after: 'never', ...copy }],
      servers: { web: { protocol: 'local', include: [this.#content] } },
    });
  }

  override run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const env = { SAUVEGARDE_COPY_PASSWORD: password, ...this.#farEnd.env, ...options.env };
    return super.run(args, { ...options, env });
  }

  /** One that must go well: its events. */
  async good(...args: string[]): Promise<CopyEvent[]> {
    const { code, events, error, out } = await this.run([...args, '--json']);
    expect(code, `${args.join(' ')}\n${error}${out}`).toBe(0);
    return [...events];
  }

  async createRepository(): Promise<void> {
    await this.good('copies', 'create', 'nas');
    if (this.#farEnd.folder !== undefined) makeKeyCheap(this.#farEnd.folder, password);
  }

  async backUp(...args: string[]): Promise<string> {
    return (await this.good('backup', ...args)).at(-1)?.snapshot ?? '';
  }

  get store(): string {
    return path.join(this.backups, 'web');
  }

  /** What is left of the disk: nothing. */
  loseTheDisk(): void {
    fs.rmSync(this.backups, { recursive: true });
  }

  manifest(snapshot: string): Buffer {
    return fs.readFileSync(path.join(this.store, '.sauvegarde/snapshots', `${snapshot}.ndjson`));
  }
}
