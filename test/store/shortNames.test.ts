import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, describe, expect, it } from 'vitest';
import { fromBytes, textOf } from '../../src/model/remotePath';
import { probeAbilities } from '../../src/store/abilities';
import type { Disk } from '../../src/store/disk';
import { diskError } from '../../src/store/diskError';
import { nodeDisk } from '../../src/store/nodeDisk';
import { MemoryServer } from '../sources/memoryServer';
import { StoreFixture } from './storeFixture';
import { watchedDisk } from './watchedDisk';

/** A disk that refuses names as eCryptfs does: longer than 143 bytes. */
function diskWithNamesUpTo(longest: number): Disk {
  return watchedDisk((_operation, about) => {
    const length = Buffer.byteLength(path.basename(about));
    if (length <= longest) return;
    throw diskError(Object.assign(new Error('too long'), { code: 'ENAMETOOLONG' }));
  });
}

const lengths = [1, 100, 142, 143, 144, 175, 176, 200, 254, 255];
const names = [
  ...lengths.map((length) => 'n'.repeat(length)),
  // The same beginning, so that only the digest tells them apart.
  ...lengths.slice(4).map((length) => `${'n'.repeat(length - 1)}m`),
  'é'.repeat(127),
  '日'.repeat(85),
  `${'long folder '.repeat(14)}/${'long file '.repeat(15)}.txt`,
];

async function expectAllStored(fixture: StoreFixture, disk: Disk): Promise<void> {
  for (const name of names) {
    fixture.server.file(fromBytes(Buffer.from(`data/${name}`)), `content of ${name}`);
  }
  for (const round of ['first', 'second']) {
    const report = await fixture.run(disk);
    expect(report, round).toMatchObject({ status: 'complete', skipped: [], files: names.length });
    expect(report.fetchedFiles, round).toBe(round === 'first' ? names.length : 0);
    const store = fixture.storeOn(disk);
    let found = 0;
    for await (const entry of store.entries(report.snapshot)) {
      if (entry.type !== 'file') continue;
      found += 1;
      const content = fs.readFileSync(store.place(report.snapshot, entry), 'utf8');
      expect(content).toBe(`content of ${textOf(entry.path).slice(5)}`);
    }
    expect(found).toBe(names.length);
  }
}

const mounts: string[] = [];

afterEach(() => {
  for (const mount of mounts.splice(0)) {
    execFileSync('umount', [mount]);
    fs.rmSync(path.dirname(mount), { recursive: true });
  }
});

describe('a disk for short names only', () => {
  it.each([64, 100, 143, 175, 254, 255])('finds out that there is room for %i', async (longest) => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-probe-'));
    const abilities = await probeAbilities(diskWithNamesUpTo(longest), folder);
    expect(abilities.longestName).toBe(longest);
    fs.rmSync(folder, { recursive: true });
  });

  it.each([143, 100])('stores longer names than %i bytes, each its own', async (longest) => {
    using fixture = new StoreFixture(new MemoryServer());
    await expectAllStored(fixture, diskWithNamesUpTo(longest));
  });

  it('a store from before this was asked is asked now', async () => {
    using fixture = new StoreFixture(new MemoryServer());
    fixture.server.file('data/x', 'x');
    await fixture.run();
    fixture.server.remove('data/x');
    const { description } = fixture.store.layout;
    const text = fs.readFileSync(description, 'utf8');
    fs.writeFileSync(description, text.replace(/,"longestName":255/, ''));
    await expectAllStored(fixture, diskWithNamesUpTo(143));
  });
});

describe('a real encrypted disk', () => {
  it('with names of at most 175 bytes (gocryptfs)', async (context) => {
    const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-encrypted-'));
    const refusal = mountEncrypted(folder);
    if (refusal !== undefined) context.skip(`No such disk can be mounted here: ${refusal}`);
    const mount = path.join(folder, 'plain');
    mounts.push(mount);
    expect((await probeAbilities(nodeDisk, mount)).longestName).toBe(175);
    await expectAllStored(new StoreFixture(new MemoryServer(), mount), nodeDisk);
  });
});

/** Mounts `plain` in the folder; gives why it cannot. */
function mountEncrypted(folder: string): string | undefined {
  const [cipher, plain] = [path.join(folder, 'cipher'), path.join(folder, 'plain')];
  fs.mkdirSync(cipher);
  fs.mkdirSync(plain);
  const password = ['-extpass', 'echo', '-extpass', 'secret'];
  try {
    execFileSync('gocryptfs', ['-init', '-q', ...password, cipher]);
    execFileSync('gocryptfs', ['-q', '-longnames=false', ...password, cipher, plain], {
      stdio: 'pipe',
    });
    return undefined;
  } catch (error) {
    return String(error).split('\n')[0];
  }
}
