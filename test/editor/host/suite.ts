/*
 * Runs inside the real extension host, with the real `vscode`: what needs the editor's API but no
 * window. The editor is told where this is, and writes what became of each test into a file.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { commands, extensions, FileSystemError, FileType, Uri, workspace } from 'vscode';
import { fromBytes } from '../../../src/model/remotePath';
import { command } from '../../../src/vscode/commandIds';
import { shownBy, uriOf, type Shown } from '../../../src/vscode/documentUri';

/** What the test outside has put on disk, names in hexadecimal. */
export interface HostWorld {
  readonly snapshot: string;
  /** The server's path and the content of each file, in hexadecimal. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
}

export interface HostResult {
  readonly name: string;
  readonly error?: string;
}

function world(): HostWorld {
  return JSON.parse(readFileSync(process.env['SAUVEGARDE_HOST_WORLD'] ?? '', 'utf8')) as HostWorld;
}

function address(path: string): Uri {
  return uriOf({
    kind: 'snapshot',
    server: 'disk',
    snapshot: world().snapshot,
    path: fromBytes(Buffer.from(path, 'hex')),
  });
}

async function refused(action: PromiseLike<unknown>): Promise<void> {
  await assert.rejects(Promise.resolve(action), (error) => error instanceof Error);
}

const tests: Readonly<Record<string, () => Promise<void>>> = {
  'every command of the code is registered': async () => {
    const extension = extensions.getExtension('sauvegarde.sauvegarde');
    await extension?.activate();
    const known = new Set(await commands.getCommands(true));
    assert.deepEqual(
      Object.values(command).filter((id) => !known.has(id)),
      [],
    );
  },

  'every file of a snapshot is read byte for byte, whatever its name': async () => {
    for (const { path, content } of world().files) {
      const read = await workspace.fs.readFile(address(path));
      assert.equal(Buffer.from(read).toString('hex'), content);
      const { type, size } = await workspace.fs.stat(address(path));
      assert.deepEqual({ type, size }, { type: FileType.File, size: content.length / 2 });
    }
  },

  'an address survives being written down': () => {
    for (const { path } of world().files) {
      const uri = address(path);
      const shown = shownBy(Uri.parse(uri.toString())) as Shown & { path: string };
      assert.equal(Buffer.from(shown.path, 'latin1').toString('hex'), path);
    }
    return Promise.resolve();
  },

  'nothing can be written, renamed or removed': async () => {
    const [file] = world().files;
    assert.ok(file);
    const uri = address(file.path);
    const other = uri.with({ path: `${uri.path}2` });
    await refused(workspace.fs.writeFile(uri, Buffer.from('x')));
    await refused(workspace.fs.delete(uri));
    await refused(workspace.fs.rename(uri, other));
    await refused(workspace.fs.createDirectory(other));
    const read = await workspace.fs.readFile(uri);
    assert.equal(Buffer.from(read).toString('hex'), file.content);
  },

  'an address cannot lead out of the snapshot': async () => {
    const { snapshot } = world();
    const paths = ['/../../../etc/passwd', '/..%2f..', '/nothing'];
    for (const path of paths) {
      const uri = Uri.from({
        scheme: 'sauvegarde',
        authority: 'snapshot',
        path: `/disk/${snapshot}${path}`,
        query: `raw=${Buffer.from('../../x').toString('hex')}`,
      });
      await refused(workspace.fs.readFile(uri));
    }
    const none = Uri.parse('sauvegarde://elsewhere/disk');
    await assert.rejects(Promise.resolve(workspace.fs.stat(none)), FileSystemError);
  },
};

/** Called by the editor. */
export async function run(): Promise<void> {
  const results: HostResult[] = [];
  for (const [name, test] of Object.entries(tests)) {
    try {
      await test();
      results.push({ name });
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      results.push({ name, error: text });
    }
  }
  writeFileSync(process.env['SAUVEGARDE_HOST_RESULTS'] ?? '', JSON.stringify(results));
}
