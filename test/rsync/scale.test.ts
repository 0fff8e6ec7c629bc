import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { expect, describe, it } from 'vitest';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { makeSmall } from '../benchmark/dataSets';
import { BackUpFixture } from '../conformance/backUpFixture';
import { rsyncWorld, scanned, wantedOf, DigestSink, type Way } from './worlds';
import { never } from '../ssh/setting';

const world = rsyncWorld();
const ways: readonly Way[] = ['ssh', 'daemon'];

describe('what is large', () => {
  it.each(ways)(
    'a file of 200 MB with three edits over %s costs less than a hundredth of it',
    async (way) => {
      const place = `${world.folder}/edited-${way}`;
      mkdirSync(place);
      const size = 200_000_000;
      const content = Buffer.alloc(size);
      for (let at = 0; at < size; at += 1_000_000) randomBytes(1_000_000).copy(content, at);
      const basis = `${place}-basis`;
      writeFileSync(basis, content);
      for (const at of [10, 99_999_999, size - 5]) content.fill(0x21, at, at + 4);
      writeFileSync(`${place}/dump`, content);
      await using source = await world.open(way);
      const root = world.shown(way, place);
      const found = await scanned(source, root);
      const sink = new DigestSink();
      const before = source.receivedBytes;
      await source.fetch(
        wantedOf(found, () => ({ place: basis, size, isTwin: false })),
        sink,
        never,
      );
      expect(sink.arrived.get(`${root}/dump`)).toBe(
        createHash('sha256').update(content).digest('hex'),
      );
      expect(source.receivedBytes - before).toBeLessThan(size / 100);
    },
  );

  it('a run without change of 50,000 files receives less than 1 MB and fetches nothing', async () => {
    const place = `${world.folder}/many`;
    makeSmall(place, 50_000);
    world.handOver();
    using fixture = new BackUpFixture(
      {
        protocol: 'rsync',
        host: '127.0.0.1',
        port: world.ssh.port,
        username: world.ssh.account.name,
        fingerprint: world.ssh.fingerprint(),
        include: [place],
      },
      { password: world.ssh.account.password },
    );
    const first = await fixture.run();
    expect(first).toMatchObject({ status: 'complete', fetchedFiles: 50_000 });
    const second = await fixture.run();
    expect(second).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 50_000 });
    expect(second.receivedBytes).toBeLessThan(1_000_000);
  });

  it('a list of a million entries is decoded within 400 MB', async () => {
    const entry = fileURLToPath(new URL('memoryRun.ts', import.meta.url));
    const outfile = `${world.folder}/memoryRun.cjs`;
    await build({
      entryPoints: [entry],
      outfile,
      bundle: true,
      platform: 'node',
      logLevel: 'error',
    });
    const said = execFileSync(process.execPath, [outfile]).toString();
    const { entries, resident } = JSON.parse(said) as { entries: number; resident: number };
    expect(entries).toBe(1_000_000);
    expect(resident).toBeLessThan(400 * 1024 * 1024);
  });
});
