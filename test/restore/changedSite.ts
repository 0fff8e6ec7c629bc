import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { quickDisk } from '../store/storeFixture';
import { RestoreFixture } from './restoreFixture';

const mtime = 1_700_000_000;

/** A small site with every kind of change since its snapshot, in a workspace of its own. */
export class ChangedSite extends RestoreFixture {
  readonly root: string;

  constructor() {
    const root = fs.mkdtempSync('/var/tmp/sauvegarde-site-');
    super({ protocol: 'local', include: [`${root}/site`] }, { disk: quickDisk });
    this.root = root;
  }

  at(name: string): string {
    return path.join(this.root, 'site', name);
  }

  /** As it was when the snapshot was made. */
  original(): void {
    fs.rmSync(this.at(''), { recursive: true, force: true });
    this.#file('same', 'the same');
    this.#file('edited', 'as it was');
    this.#file('big', Buffer.alloc(300_000, 'as it was, and big'));
    this.#file('deleted/inside', 'deleted');
    this.#file('becomes-folder', 'a file');
    this.#file('rights', 'x', 0o640);
    fs.symlinkSync('same', this.at('link'));
  }

  /** As it is when it is to be restored. */
  changed(): void {
    this.original();
    this.#file('edited', 'somebody broke it');
    this.#file('big', Buffer.alloc(310_000, 'broken'));
    fs.rmSync(this.at('deleted'), { recursive: true });
    fs.rmSync(this.at('becomes-folder'));
    this.#file('becomes-folder/extra', 'in the way');
    this.#file('extra/new', 'not in the snapshot');
    fs.chmodSync(this.at('rights'), 0o600);
    fs.rmSync(this.at('link'));
    fs.symlinkSync('edited', this.at('link'));
    for (const name of ['edited', 'big']) fs.utimesSync(this.at(name), mtime + 900, mtime + 900);
  }

  /** Kind, content and rights of everything, by its path. */
  state(): Map<string, string> {
    const names = fs.readdirSync(this.at(''), { recursive: true }) as string[];
    return new Map(names.sort().map((name) => [name, stateOf(this.at(name))] as const));
  }

  /** Each file under a true name is as one of the two states has it: never half. */
  expectNoHalf(before: ReadonlyMap<string, string>, wanted: ReadonlyMap<string, string>): void {
    for (const [name, state] of this.state()) {
      if (path.basename(name).startsWith('.sauvegarde-') || !state.startsWith('file')) continue;
      const contents = [before.get(name), wanted.get(name)].map((known) => known?.split(' ')[1]);
      expect(contents, name).toContain(state.split(' ')[1]);
    }
  }

  override [Symbol.dispose](): void {
    super[Symbol.dispose]();
    fs.rmSync(this.root, { recursive: true, force: true });
  }

  #file(name: string, content: string | Buffer, mode = 0o644): void {
    fs.mkdirSync(path.dirname(this.at(name)), { recursive: true });
    fs.writeFileSync(this.at(name), content);
    fs.chmodSync(this.at(name), mode);
    fs.utimesSync(this.at(name), mtime, mtime);
  }
}

function stateOf(place: string): string {
  const found = fs.lstatSync(place);
  if (found.isSymbolicLink()) return `link ${fs.readlinkSync(place)}`;
  if (found.isDirectory()) return 'folder';
  const digest = createHash('sha256').update(fs.readFileSync(place)).digest('hex');
  return `file ${digest} ${(found.mode & 0o7777).toString(8)} ${found.mtimeMs}`;
}
