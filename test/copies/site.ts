import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';

/** A folder that is backed up. */
export class Site implements Disposable {
  readonly folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-site-'));

  /** @param time seconds since 1970 */
  write(name: string, content: string | Buffer, time = 1_700_000_000): void {
    const place = path.join(this.folder, name);
    fs.mkdirSync(path.dirname(place), { recursive: true });
    fs.writeFileSync(place, content);
    fs.utimesSync(place, time, time);
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Names that patterns, shells and decoders take for something else. */
const names = [
  'plain',
  'deep/er/file',
  '[a]*?\\b',
  '-rf',
  ' blank ',
  'ünïcode',
  'quo\'te"s',
  'a,b',
];

/** Every kind of thing that a snapshot may hold. */
export function fill(site: Site): void {
  for (const name of names) site.write(name, `content of ${name}`);
  site.write('empty', '');
  site.write('executable', '#!/bin/sh');
  fs.chmodSync(path.join(site.folder, 'executable'), 0o755);
  fs.mkdirSync(path.join(site.folder, 'no files'));
  fs.symlinkSync('plain', path.join(site.folder, 'link'));
  const latin = Buffer.concat([Buffer.from(`${site.folder}/`), Buffer.from('caf\xe9', 'latin1')]);
  fs.writeFileSync(latin, 'not UTF-8');
}
