import { generateKeyPairSync, randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import ssh2, { type Attributes, type SFTPWrapper } from 'ssh2';

const { Server, utils } = ssh2;
const status = utils.sftp.STATUS_CODE;

/** A small read-only SFTP server over one folder, for machines that have no sshd. */
export class EmbeddedSftpServer implements AsyncDisposable {
  readonly port: number;
  readonly username = 'demo';
  readonly password: string;
  readonly #server: InstanceType<typeof Server>;

  private constructor(server: InstanceType<typeof Server>, port: number, password: string) {
    this.#server = server;
    this.port = port;
    this.password = password;
  }

  /** Serves `root` as `/` on a free port of 127.0.0.1, with a new host key and password. */
  static async start(root: string): Promise<EmbeddedSftpServer> {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    });
    const password = randomBytes(12).toString('hex');
    const server = new Server({ hostKeys: [privateKey] }, (client) => {
      client.on('error', () => undefined);
      client.on('authentication', (login) => {
        const right = login.method === 'password' && login.password === password;
        if (right) login.accept();
        else login.reject(['password']);
      });
      client.on('session', (accept) => {
        accept().on('sftp', (acceptSftp) => serve(acceptSftp(), root));
      });
    });
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address() as { port: number };
        resolve(address.port);
      });
    });
    return new EmbeddedSftpServer(server, port, password);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
    });
  }
}

type Handle = { readonly file: number } | { readonly folder: string; done: boolean };

function serve(sftp: SFTPWrapper, root: string): void {
  const handles = new Map<number, Handle>();
  let last = 0;
  const place = (remote: string): string => path.join(root, path.posix.normalize(`/${remote}`));
  const open = (id: number, handle: Handle): void => {
    handles.set((last += 1), handle);
    const name = Buffer.alloc(4);
    name.writeUInt32BE(last);
    sftp.handle(id, name);
  };
  const guarded = (id: number, action: () => void): void => {
    try {
      action();
    } catch (error) {
      const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      sftp.status(id, missing ? status.NO_SUCH_FILE : status.FAILURE);
    }
  };

  sftp.on('REALPATH', (id, remote) => {
    const filename = path.posix.normalize(`/${remote}`);
    sftp.name(id, [{ filename, longname: filename, attrs: noAttributes }]);
  });
  sftp.on('OPENDIR', (id, remote) =>
    guarded(id, () => {
      fs.readdirSync(place(remote));
      open(id, { folder: place(remote), done: false });
    }),
  );
  sftp.on('READDIR', (id, name) => {
    const handle = handles.get(name.readUInt32BE());
    if (!handle || !('folder' in handle) || handle.done) {
      sftp.status(id, status.EOF);
      return;
    }
    handle.done = true;
    const entries = fs.readdirSync(handle.folder).map((filename) => ({
      filename,
      longname: filename,
      attrs: attributesOf(fs.lstatSync(path.join(handle.folder, filename))),
    }));
    sftp.name(id, entries);
  });
  sftp.on('LSTAT', (id, remote) =>
    guarded(id, () => {
      sftp.attrs(id, attributesOf(fs.lstatSync(place(remote))));
    }),
  );
  sftp.on('READLINK', (id, remote) =>
    guarded(id, () => {
      const filename = fs.readlinkSync(place(remote));
      sftp.name(id, [{ filename, longname: filename, attrs: noAttributes }]);
    }),
  );
  sftp.on('OPEN', (id, remote) =>
    guarded(id, () => open(id, { file: fs.openSync(place(remote), 'r') })),
  );
  sftp.on('FSTAT', (id, name) => {
    const handle = handles.get(name.readUInt32BE());
    if (handle && 'file' in handle) sftp.attrs(id, attributesOf(fs.fstatSync(handle.file)));
    else sftp.status(id, status.FAILURE);
  });
  sftp.on('READ', (id, name, offset, length) => {
    const handle = handles.get(name.readUInt32BE());
    if (!handle || !('file' in handle)) {
      sftp.status(id, status.FAILURE);
      return;
    }
    const buffer = Buffer.alloc(Math.min(length, 32_768));
    const read = fs.readSync(handle.file, buffer, 0, buffer.length, offset);
    if (read === 0) sftp.status(id, status.EOF);
    else sftp.data(id, buffer.subarray(0, read));
  });
  sftp.on('CLOSE', (id, name) => {
    const number = name.readUInt32BE();
    const handle = handles.get(number);
    if (handle && 'file' in handle) fs.closeSync(handle.file);
    handles.delete(number);
    sftp.status(id, status.OK);
  });
}

const noAttributes: Attributes = { mode: 0, uid: 0, gid: 0, size: 0, atime: 0, mtime: 0 };

function attributesOf(found: fs.Stats): Attributes {
  const { mode, uid, gid, size, atimeMs, mtimeMs } = found;
  return {
    mode,
    uid,
    gid,
    size,
    atime: Math.floor(atimeMs / 1000),
    mtime: Math.floor(mtimeMs / 1000),
  };
}
