import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ScriptedFtp } from '../servers/scriptedFtp';
import { ScriptedSftp } from '../servers/scriptedSftp';
import { wrongFtp, wrongSftp, wrongSizes, type Fstat, type WrongSize } from '../servers/wrongSizes';
import { BackUpFixture } from './backUpFixture';

/** The first run takes all of the file, the next one finds it unchanged. */
async function expectTaken(fixture: BackUpFixture, wrong: WrongSize): Promise<void> {
  const { content, recorded } = wrong;
  const first = await fixture.run();
  expect(first).toMatchObject({ status: 'complete', files: 1, bytes: content.length, skipped: [] });
  expect(first.warnings).toHaveLength(recorded === undefined ? 0 : 1);
  const second = await fixture.run();
  expect(second).toMatchObject({ status: 'complete', fetchedFiles: 0, linkedFiles: 1 });
  expect(second.changes).toMatchObject({ added: 0, changed: 0, removed: 0 });
  for (const { snapshot } of [first, second]) {
    const entry = (await fixture.entries(snapshot, '')).get('f')!;
    expect([entry.size, entry.listed]).toEqual([content.length, recorded]);
    expect(entry.sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(fs.readFileSync(fixture.store.place(snapshot, entry)).equals(content)).toBe(true);
    expect(await fixture.isWhole(snapshot)).toBe(true);
  }
}

const raw = { host: '127.0.0.1', username: 'somebody', include: ['/'] };

describe.each(['MLSD', 'LIST'] as const)('FTP, listed by %s with', (form) => {
  // What cannot be a size is the business of the parsers of listings.
  const told = wrongSizes.filter(({ listed = -1n }) => listed >= 0n && listed < 2n ** 46n);
  it.each(told)('$what', async (wrong) => {
    await using ftp = await ScriptedFtp.start(wrongFtp(wrong, form));
    const options = { password: 'secret' };
    using fixture = new BackUpFixture({ ...raw, protocol: 'ftp', port: ftp.port }, options);
    await expectTaken(fixture, wrong);
  });
});

const unsized: WrongSize = {
  what: 'no size',
  content: Buffer.from('line\n'.repeat(50_000)),
  listed: undefined,
};

describe.each<Fstat>(['as listed', 'right', 'refused'])('SFTP, FSTAT %s, listed with', (fstat) => {
  it.each([...wrongSizes, unsized])('$what', async (wrong) => {
    await using sftp = await ScriptedSftp.start(wrongSftp(wrong, fstat));
    using fixture = new BackUpFixture({ ...raw, protocol: 'sftp', port: sftp.port });
    const ssh = path.join(fixture.environment.home, '.ssh');
    fs.mkdirSync(ssh, { recursive: true });
    fs.writeFileSync(path.join(ssh, 'known_hosts'), sftp.knownHostsLine);
    await expectTaken(fixture, wrong);
  });
});
