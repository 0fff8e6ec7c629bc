import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromBytes, type RemotePath } from '../../src/model/remotePath';

/** Names that real trees have and that clients trip over, as bytes. */
export const nastyNames: readonly Buffer[] = [
  ...[' leading', 'trailing ', '  both  ', '"quoted"', "it's", 'a -> b', '*?[x]', '#hash', '%41'],
  ...['~', '~root', '-la', '--', '{brace}', '$HOME', '`id`', '!bang', 'semi;colon', 'type=file; x'],
  ...['con', 'aux.txt', '...', 'über', 'u\u0308ber', 'emoji 🎉', 'total 12', '226 done', ','],
  ...['Nov 23 07:24 x', 'x'.repeat(255), 'é'.repeat(127)],
]
  .map((name) => Buffer.from(name))
  .concat([
    Buffer.from('latin1 \xe9\xe8', 'latin1'),
    Buffer.from('\xff and \xfe', 'latin1'),
    Buffer.from('\xff\xfe\xff\xff', 'latin1'),
  ]);

/** Names that Pure-FTPd refuses or does not list: with a backslash or a control character. */
export const namesNotForPureFtpd: readonly Buffer[] = ['back\\slash', 'tab\there', 'bell\x07'].map(
  (name) => Buffer.from(name),
);

/** A folder on this machine that a server of the test serves, and what is in it. */
export class Tree implements Disposable {
  readonly folder: string;

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'sauvegarde-tree-'));
    chmodSync(this.folder, 0o755);
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  /** The path as the source names it, for a server that shows the whole machine. */
  remote(path: string | Buffer = ''): RemotePath {
    const bytes = Buffer.concat([Buffer.from(`${this.folder.slice(1)}/`), Buffer.from(path)]);
    return fromBytes(path.length === 0 ? bytes.subarray(0, -1) : bytes);
  }

  file(path: string | Buffer, content: string | Buffer = 'content', seconds = 1_580_702_706): void {
    const bytes = Buffer.concat([Buffer.from(`${this.folder}/`), Buffer.from(path)]);
    writeFileSync(bytes, content, { mode: 0o644 });
    const time = new Date(seconds * 1000);
    utimesSync(bytes, time, time);
  }

  directory(path: string, mode = 0o755): void {
    mkdirSync(this.at(path));
    chmodSync(this.at(path), mode);
  }

  link(path: string, target: string): void {
    symlinkSync(target, this.at(path));
  }

  fifo(path: string): void {
    execFileSync('mkfifo', [this.at(path)]);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
