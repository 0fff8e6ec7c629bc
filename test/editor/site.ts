import fs from 'node:fs';
import path from 'node:path';
import { account } from '../servers/account';

/** A small site, `/www` on a server that shows nothing else: its root is a folder on this machine. */
export class Site implements Disposable {
  /** The server's root, which belongs to root, as sshd wants it for a chroot. */
  readonly root: string;
  readonly #owner = account();

  constructor() {
    this.root = fs.mkdtempSync('/srv/sauvegarde-site-');
    fs.chmodSync(this.root, 0o755);
    this.write('index.php', '<?php echo "first version";\n');
    this.write('css/style.css', 'body { color: black; }\n');
    this.write('img/logo.bin', Buffer.from([0, 159, 146, 150, 255, 0]));
    this.write('cache/tmp.txt', 'not wanted\n');
  }

  write(name: string, content: string | Buffer): void {
    const file = path.join(this.root, 'www', name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    fs.chownSync(file, this.#owner.uid, this.#owner.gid);
  }

  read(name: string): string {
    return fs.readFileSync(path.join(this.root, 'www', name), 'utf8');
  }

  /** Lets the account write in all folders of the site, as a restore does. */
  giveAway(): void {
    const { uid, gid } = this.#owner;
    const site = path.join(this.root, 'www');
    fs.chownSync(site, uid, gid);
    for (const found of fs.readdirSync(site, { recursive: true, withFileTypes: true })) {
      if (found.isDirectory()) fs.chownSync(path.join(found.parentPath, found.name), uid, gid);
    }
  }

  /** Lets the files be old: what was just written is read again by the next run. */
  settle(): void {
    const then = new Date(Date.now() - 86_400_000);
    for (const file of fs.readdirSync(this.root, { recursive: true, withFileTypes: true })) {
      if (file.isFile()) fs.utimesSync(path.join(file.parentPath, file.name), then, then);
    }
  }

  [Symbol.dispose](): void {
    fs.rmSync(this.root, { recursive: true, force: true });
  }
}
