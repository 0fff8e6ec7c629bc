import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { remotePath } from '../../src/model/remotePath';
import type { FileServer } from '../../src/sources/fileServer';
import { openSftpServer } from '../../src/sources/sftp/sftpServer';
import { DelayProxy } from '../servers/delayProxy';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { never, serverAt, Setting } from '../ssh/setting';

const roundTrip = 40;
const size = 24_000_000;
const content = randomBytes(size);

/** On a long line files are read over several channels at once. */
describe.each([1, 2, 10])('on a long line, with %i channels at most', (maxSessions) => {
  let server: Openssh;
  let proxy: DelayProxy;
  let setting: Setting;
  let folder: string;
  let sftp: FileServer;
  beforeAll(async () => {
    server = await startOpenssh({ maxSessions });
    setting = new Setting();
    proxy = new DelayProxy(roundTrip);
    await proxy.listen([server.port]);
    folder = mkdtempSync(`${server.account.home}/latency-`);
    chmodSync(folder, 0o755);
    for (let index = 0; index < 400; index += 1) writeFileSync(`${folder}/${index}`, `${index}`);
  });
  afterAll(async () => {
    await proxy[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
    await setting[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    writeFileSync(`${folder}/big`, content);
    const more = { host: proxy.host, privateKey: server.writeKey() };
    const configured = serverAt(server.port, { ...more, fingerprint: server.fingerprint() });
    sftp = await openSftpServer(configured, setting.environment, never);
  });
  afterEach(() => sftp[Symbol.asyncDispose]());

  test('a big file arrives whole and in order', async () => {
    const entry = await sftp.stat(remotePath(`${folder}/big`), never);
    const chunks: Buffer[] = [];
    const outcome = await sftp.read(entry, 0, (chunk) => void chunks.push(chunk), never);
    expect(outcome).toEqual({ grown: false });
    expect(Buffer.concat(chunks).equals(content)).toBe(true);
  });

  test('a big file that shrinks', async () => {
    const entry = await sftp.stat(remotePath(`${folder}/big`), never);
    let received = 0;
    const reading = sftp.read(
      entry,
      0,
      (chunk) => {
        received += chunk.length;
        if (received > 1_000_000) truncateSync(`${folder}/big`, 500_000);
        return undefined;
      },
      never,
    );
    expect(await reading).toEqual({ grown: false, short: true });
  });

  test.each([0, 100_000, 20_000_000])('cancelled after %i bytes', async (after) => {
    const entry = await sftp.stat(remotePath(`${folder}/big`), never);
    const stop = new AbortController();
    let received = 0;
    const write = (chunk: Buffer): undefined => {
      received += chunk.length;
      if (received >= after) stop.abort();
      return undefined;
    };
    const reading = sftp.read(entry, 0, write, stop.signal);
    if (after === 0) stop.abort();
    await expect(reading).rejects.toMatchObject({ kind: 'cancelled' });
    const again = await sftp.list(remotePath(folder), never);
    expect(again).toHaveLength(401);
  });

  test('small files do not wait for each other', async () => {
    const entries = await sftp.list(remotePath(folder), never);
    const queue = entries.filter(({ path }) => !path.endsWith('big')).values();
    const started = performance.now();
    const work = async (): Promise<void> => {
      for (const entry of queue) {
        const chunks: Buffer[] = [];
        await sftp.read(entry, 0, (chunk) => void chunks.push(chunk), never);
        expect(entry.path.endsWith(`/${Buffer.concat(chunks).toString()}`)).toBe(true);
      }
    };
    await Promise.all(Array.from({ length: sftp.readingWidth }, work));
    // One after the other they would take two round trips each, on an idle machine.
    expect(performance.now() - started).toBeLessThan((400 * 2 * roundTrip) / 2);
  });
});
