import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { CommandLine, type Event, type Result, type RunOptions } from '../cli/commandLine';
import type { FarEnd } from '../servers/repositories';

export const password = 'Correct-Horse 7';

/** An event of a copy. */
export interface CopyEvent extends Event {
  readonly server: string;
  readonly copy: string;
  readonly id: string;
  readonly bytes: number;
  readonly readFiles: number;
  readonly unmodifiedFiles: number;
}

/** A backup of a folder of this computer, and a repository that it is copied to. */
export class CopiedSite extends CommandLine {
  readonly content: string;
  readonly farEnd: FarEnd;

  constructor(farEnd: FarEnd, copy: object = {}, server: object = {}) {
    super();
    this.farEnd = farEnd;
    this.content = path.join(this.workspace, 'site');
    fs.mkdirSync(this.content);
    this.configureCopy(copy, server);
  }

  /** `after` is `never` unless a test says otherwise: it wants to say when. */
  configureCopy(copy: object = {}, server: object = {}): void {
    this.configure({
      copies: [{ name: 'nas', restic: this.farEnd.address, after: 'never', ...copy }],
      servers: { web: { protocol: 'local', include: [this.content], ...server } },
    });
  }

  write(name: string, text: string, time = 1_700_000_000): void {
    const place = path.join(this.content, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, text);
    fs.utimesSync(place, time, time);
  }

  override run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    const env = { SAUVEGARDE_COPY_PASSWORD: password, ...this.farEnd.env, ...options.env };
    return super.run(args, { ...options, env });
  }

  /** One that must go well: its events. */
  async good(...args: string[]): Promise<CopyEvent[]> {
    const { code, events, error, out } = await this.run([...args, '--json']);
    expect(code, `${args.join(' ')}\n${error}${out}`).toBe(0);
    return events as unknown as CopyEvent[];
  }

  async backUp(...args: string[]): Promise<string> {
    return (await this.good('backup', ...args)).at(-1)?.snapshot ?? '';
  }

  get store(): string {
    return path.join(this.backups, 'web');
  }

  place(snapshot: string, name: string): string {
    return path.join(this.store, snapshot, this.content, name);
  }

  /** What is left of the disk: nothing. */
  loseTheDisk(): void {
    fs.rmSync(this.backups, { recursive: true });
  }

  manifest(snapshot: string): Buffer {
    return fs.readFileSync(path.join(this.store, '.sauvegarde/snapshots', `${snapshot}.ndjson`));
  }
}
