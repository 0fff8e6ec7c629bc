import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startFolder } from '../servers/repositories';
import { CopiedSite, password } from './copiedSite';
import { Site } from './site';

/** The arguments of all processes of this computer. */
function allArguments(): string {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      } catch {
        // It has ended.
        return '';
      }
    })
    .join('\n');
}

/** Every file below a folder that has the text. */
function filesWith(text: string, folder: string): string[] {
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((place) => fs.readFileSync(place, 'latin1').includes(text));
}

it('copies follow the runs, fail without failing them, are caught up, rehearsed and shown; no secret is seen', async () => {
  await using farEnd = await startFolder();
  using content = new Site();
  content.write('a', 'content of a');
  content.write('large', randomBytes(600_000));
  const copy = { after: 'complete', bandwidth: '400kB/s', rehearse: 'daily' };
  using site = new CopiedSite(farEnd, content.folder, copy);

  // There is no repository yet.
  const { code, events } = await site.run(['backup', '--json']);
  expect(code).toBe(0);
  expect(events.at(-1)?.warnings).toMatchObject([{ path: 'copies.nas' }]);
  await site.createRepository();
  const seen: string[] = [];
  const looking = setInterval(() => seen.push(allArguments()), 100);
  const told = await site.run(['backup', '--json', '-v']);
  clearInterval(looking);
  expect(told.code, told.error).toBe(0);
  expect(told.events).toMatchObject([
    { event: 'copied', copy: 'nas', snapshot: told.events.at(-1)?.snapshot },
    { event: 'rehearsed', copy: 'nas', status: 'whole', files: 2 },
    { event: 'finished', status: 'complete', warnings: [] },
  ]);
  // restic was looked at while it ran, and only the environment had the password.
  expect(seen.join('\n')).toContain('restic backup --json');
  expect(seen.join('\n')).not.toContain(password);
  expect(told.error + told.out).not.toContain(password);
  expect(filesWith(password, site.workspace)).toEqual([]);

  const [shown] = await site.good('overview');
  expect(shown).toMatchObject({ event: 'overview', copies: [{ name: 'nas' }] });
  expect((shown as unknown as { copies: object[] }).copies[0]).toHaveProperty('provenSince');
  const page = (await site.run(['overview'])).out;
  expect(page).toContain('Copy nas');
  // The report of the next run says how the copies stood before it.
  site.configureCopy();
  const next = await site.backUp();
  const report = fs.readFileSync(path.join(site.store, '.sauvegarde/runs', `${next}.json`), 'utf8');
  expect(JSON.parse(report)).toMatchObject({
    copies: [{ name: 'nas', copied: {}, proven: { files: 2 } }],
  });
});

it('what does not come back as it was is found by a rehearsal, by a check, and marked in what is recovered', async () => {
  await using farEnd = await startFolder();
  using content = new Site();
  content.write('a', randomBytes(20_000));
  using site = new CopiedSite(farEnd, content.folder);
  await site.createRepository();
  await site.backUp();
  await site.good('copy');
  expect(await site.good('copies', 'check', '--sample', '50%')).toMatchObject([
    { event: 'copy-checked', copy: 'nas', part: 1, of: 2, status: 'whole' },
  ]);
  damageContent(farEnd.address);
  const rehearsed = await site.run(['copies', 'rehearse', '--json']);
  expect(rehearsed.code).toBe(5);
  expect(rehearsed.events).toMatchObject([{ event: 'rehearsed', status: 'damaged', files: 0 }]);
  const checked = await site.run(['copies', 'check', 'nas', '--sample', '100%', '--json']);
  expect(checked.code).toBe(5);
  expect(checked.events).toMatchObject([{ event: 'copy-checked', status: 'damaged' }]);
  // Mended, another part that is right does not prove it; only all of it does.
  damageContent(farEnd.address);
  const isInDoubt = async (): Promise<boolean> => {
    const [web] = await site.good('overview');
    return JSON.stringify(web).includes('trouble');
  };
  expect(await site.good('copies', 'rehearse')).toMatchObject([{ status: 'whole', files: 1 }]);
  expect(await isInDoubt()).toBe(true);
  await site.good('copies', 'check', '--sample', '50%');
  expect(await isInDoubt()).toBe(true);
  await site.good('copies', 'check', '--sample', '50%');
  expect(await isInDoubt()).toBe(false);
  // What comes back of it is there, and marked.
  damageContent(farEnd.address);
  site.loseTheDisk();
  const recovered = await site.run(['copies', 'recover', 'web', '--json']);
  expect(recovered.code, recovered.error).toBe(5);
  expect(recovered.events).toMatchObject([{ event: 'recovered', status: 'damaged', files: 0 }]);
  expect((await site.run(['verify'])).code).toBe(5);
});

/** Turns a byte of the content, as a failing disk does, or back: the largest pack is of files. */
function damageContent(repository: string): void {
  const packs = fs
    .readdirSync(path.join(repository, 'data'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort((a, b) => fs.statSync(b).size - fs.statSync(a).size);
  const [largest = ''] = packs;
  const bytes = fs.readFileSync(largest);
  bytes[1000]! ^= 1;
  fs.chmodSync(largest, 0o600);
  fs.writeFileSync(largest, bytes);
}

it('killed while it copies, the next one goes on', async () => {
  await using farEnd = await startFolder();
  using content = new Site();
  content.write('large', randomBytes(1_000_000));
  using site = new CopiedSite(farEnd, content.folder, { bandwidth: '200kB/s' });
  await site.createRepository();
  const snapshot = await site.backUp();
  const killed = await site.run(['copy'], {
    started: (child) => {
      const copying = path.join(site.store, '.sauvegarde/copying');
      const looking = setInterval(() => {
        if (!fs.existsSync(copying) || fs.readdirSync(copying).length === 0) return;
        clearInterval(looking);
        child.kill('SIGKILL');
      }, 50);
      child.once('close', () => clearInterval(looking));
    },
  });
  expect(killed.code).toBeNull();
  // What it has left says that a snapshot is being copied, by a process that is gone.
  expect(await site.good('copy')).toMatchObject([{ event: 'copied', snapshot }]);
  const { status } = spawnSync('pgrep', ['-f', `restic.*${farEnd.address}`]);
  expect(status).not.toBe(0);
});

it('without restic, and without a password, one sentence says what to do', async () => {
  await using farEnd = await startFolder();
  using content = new Site();
  content.write('a', 'a');
  using site = new CopiedSite(farEnd, content.folder);
  await site.backUp();
  const without = await site.run(['copy'], { env: { PATH: '/nowhere' } });
  expect(without).toMatchObject({ code: 2 });
  expect(without.error).toContain('Install it (Debian: apt install restic');
  const secretless = await site.run(['copy'], { env: { SAUVEGARDE_COPY_PASSWORD: undefined } });
  expect(secretless).toMatchObject({ code: 1 });
  expect(secretless.error).toContain('SAUVEGARDE_COPY_PASSWORD_NAS');
});
