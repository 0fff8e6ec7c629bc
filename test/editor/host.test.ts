/* The suite in `host/suite.ts`, run inside the extension host of each editor. */
import fs from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect } from 'vitest';
import type { RemotePath } from '../../src/model/remotePath';
import { snapshotIdAt, snapshotTime } from '../../src/model/snapshotId';
import { ManifestWriter } from '../../src/store/manifestFile';
import { nodeDisk } from '../../src/store/nodeDisk';
import { Store } from '../../src/store/store';
import { editorVersions } from './editors';
import type { HostResult, HostWorld } from './host/suite';
import { makeManyServers, serverName } from '../overview/manyServers';
import { makeSnapshot } from './makeSnapshot';
import { Stage } from './stage';

const names = ['plain.txt', 'with space', 'a#b?c%20d', 'é ü 漢', 'line\nfeed', 'back\\slash'].map(
  (name) => Buffer.from(name, 'utf8'),
);
const notUtf8 = Buffer.from([0x6c, 0xe9, 0x67, 0x65, 0x72]);

describe.each(editorVersions)('inside the extension host of code-server %s', (version) => {
  const stage = new Stage(version);
  const results = path.join(stage.workspace, 'results.json');

  beforeAll(async () => {
    const suite = path.join(stage.workspace, 'suite.js');
    await build({
      entryPoints: ['test/editor/host/suite.ts'],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      // The older editor's host knows no newer syntax.
      target: 'node20',
      external: ['vscode'],
      outfile: suite,
      logLevel: 'warning',
    });
    const world = path.join(stage.workspace, 'world.json');
    fs.writeFileSync(world, JSON.stringify(await makeWorld(stage)));
    const environment = { SAUVEGARDE_HOST_WORLD: world, SAUVEGARDE_HOST_RESULTS: results };
    await stage.set({ environment, runsSuites: true });
    await stage.openForTests(path.resolve('.'), suite);
  }, 300_000);

  afterAll(() => stage[Symbol.asyncDispose]());

  stage.step('every test passes', async () => {
    await expect.poll(() => fs.existsSync(results), { timeout: 540_000 }).toBe(true);
    const all = JSON.parse(fs.readFileSync(results, 'utf8')) as HostResult[];
    expect(all.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(all.length).toBeGreaterThan(4);
    console.log(all.flatMap(({ notes = [] }) => notes).join('\n'));
  });
});

/** A snapshot of files with nasty names. */
async function makeWorld(stage: Stage): Promise<HostWorld> {
  const data = path.join(stage.workspace, 'data');
  fs.mkdirSync(data);
  const files = [...names, notUtf8].map((name, index) => {
    const content = Buffer.from([index, 0, 255, 10, 13]);
    const file = Buffer.concat([Buffer.from(`${data}/`), name]);
    fs.writeFileSync(file, content);
    return { path: file.subarray(1).toString('hex'), content: content.toString('hex') };
  });
  stage.configuration = JSON.stringify({
    servers: {
      disk: { protocol: 'local', include: [data] },
      large: { protocol: 'local', include: [data] },
    },
  });
  const snapshot = await makeSnapshot(stage, 'disk');
  const changed = await makeOther(stage, 'disk', snapshot, function* () {
    for (let number = 0; number < 100_000; number += 1) {
      const folder = number < 50_000 ? 'one' : `z${Math.floor(number / 100)}`;
      yield `new/${folder}/a file with a longer name ${String(number).padStart(6, '0')}`;
    }
  });
  const large = await makeOther(stage, 'large', snapshot, function* () {
    for (let number = 0; number < 1_000_000; number += 1) {
      const [folder, file] = [Math.floor(number / 1000), number % 1000];
      yield `new/${String(folder).padStart(3, '0')}/${String(file).padStart(3, '0')}`;
    }
  });
  return { snapshot, files, changed, large, manyServers: await makeMany(stage) };
}

/** Two hundred more servers with ninety runs each; the configuration of all. */
async function makeMany(stage: Stage): Promise<string> {
  const destination = path.join(stage.workspace, 'backups');
  await makeManyServers({ destination, servers: 200, runs: 90, files: 100, now: Date.now() });
  const names = Array.from({ length: 200 }, (_none, number) => serverName(number));
  const many = names.map((name) => [name, { protocol: 'local', include: ['/nowhere'] }]);
  const others = Object.fromEntries(many) as object;
  return JSON.stringify({ servers: { disk: stage.server('disk'), ...others } });
}

/** A later snapshot of a server, of which only the manifest is there. */
async function makeOther(
  stage: Stage,
  server: string,
  before: string,
  paths: () => Iterable<string>,
): Promise<string> {
  const destination = path.join(stage.workspace, 'backups');
  const store = new Store(destination, server);
  await store.prepare();
  const snapshot = snapshotIdAt(snapshotTime(before) + 3_600_000);
  const writer = await ManifestWriter.create(
    ...([nodeDisk, store.layout.manifest(snapshot)] as const),
    { ...(await new Store(destination, 'disk').header(before)), server, snapshot },
    (bytes) => bytes.toString('utf8'),
  );
  const sha256 = '0'.repeat(64);
  const file = { type: 'file', size: 8, mtime: 1, granularity: 1, sha256 } as const;
  let files = 0;
  for (const name of paths()) {
    await writer.append({ ...file, path: name as RemotePath });
    files += 1;
  }
  const none = { directories: 0, symlinks: 0, bytes: 0, fetchedFiles: 0, fetchedBytes: 0 };
  const rest = { linkedFiles: 0, receivedBytes: 0, skipped: 0 };
  await writer.finish({ finished: '', status: 'complete', files, ...none, ...rest });
  fs.mkdirSync(store.layout.snapshot(snapshot));
  return snapshot;
}
