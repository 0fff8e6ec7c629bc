import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { account } from '../servers/account';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { startVsftpd } from '../servers/vsftpd';
import { CommandLine } from './commandLine';

const owner = account();

describe('the command line', () => {
  let server: Openssh;
  const site = `${owner.home}/command-line-${process.pid}`;
  const connection = (): Record<string, unknown> => ({
    protocol: 'sftp',
    host: '127.0.0.1',
    port: server.port,
    username: owner.name,
    fingerprint: server.fingerprint(),
    include: [site],
  });

  beforeAll(async () => {
    server = await startOpenssh();
    fs.mkdirSync(path.join(site, 'folder'), { recursive: true });
    fs.writeFileSync(path.join(site, 'folder', 'file.txt'), 'content');
    fs.writeFileSync(path.join(site, 'secret'), 'x', { mode: 0 });
  });

  afterAll(async () => {
    fs.rmSync(site, { recursive: true, force: true });
    await server[Symbol.asyncDispose]();
  });

  it('backs up, lists, and shows what is in a snapshot', async () => {
    using line = new CommandLine();
    line.configureServer(connection());
    const env = { SAUVEGARDE_PASSWORD_WEB: owner.password, SAUVEGARDE_PASSWORD: 'not this one' };
    const check = await line.run(['check', '--json'], { env });
    expect(check.events[0]).toMatchObject({
      event: 'checked',
      server: 'web',
      files: 2,
      skipped: [],
    });
    const backup = await line.run(['backup', '--json'], { env });
    expect(backup.code).toBe(3);
    expect(backup.events).toHaveLength(1);
    expect(backup.events[0]).toMatchObject({
      event: 'finished',
      server: 'web',
      status: 'incomplete',
      files: 1,
      bytes: 7,
      fetchedFiles: 1,
      fetchedBytes: 7,
      linkedFiles: 0,
      skipped: [{ path: `${site}/secret`, kind: 'permission' }],
    });
    const list = await line.run(['list', '--json']);
    const snapshot = backup.events[0]?.snapshot;
    expect(list.events).toEqual([
      {
        event: 'snapshot',
        server: 'web',
        snapshot,
        status: 'incomplete',
        files: 1,
        bytes: 7,
        pinned: false,
      },
    ]);
    const shown = await line.run(['ls', 'web', 'latest', `${site}/folder`, '--json']);
    expect(shown.events).toMatchObject([
      { event: 'entry', path: `${site}/folder`, type: 'directory' },
      { event: 'entry', path: `${site}/folder/file.txt`, type: 'file', size: 7 },
    ]);
    const words = await line.run(['ls', 'web', 'latest']);
    expect(words.out).toContain(`${site}/secret  [skipped: permission]`);
    expect((await line.run(['ls', 'web', 'latest~1'])).code).toBe(2);
    const report = path.join(line.backups, 'web', '.sauvegarde', 'runs', `${snapshot ?? ''}.json`);
    expect(JSON.parse(fs.readFileSync(report, 'utf8'))).toMatchObject({ status: 'incomplete' });
    expect(fs.readFileSync(report.replace('.json', '.log'), 'utf8')).toContain('Skipped');
    expect(fs.readFileSync(path.join(line.backups, '.gitignore'), 'utf8')).toBe('*\n');
  });

  it('shows and pins the host key, and keeps the comments of the file', async () => {
    using line = new CommandLine();
    const { fingerprint, ...unpinned } = connection();
    line.configure(`// mine\n{ "servers": { "web": ${JSON.stringify(unpinned)} } }`);
    const shown = await line.run(['trust', 'web', '--json']);
    expect(shown.events[0]).toMatchObject({ event: 'identity', trust: 'unknown', accepted: false });
    const env = { SAUVEGARDE_PASSWORD: owner.password };
    expect((await line.run(['backup'], { env })).code).toBe(1);
    const accepted = await line.run(['trust', 'web', '--accept']);
    expect(accepted.code, accepted.error).toBe(0);
    const text = fs.readFileSync(line.configurationFile, 'utf8');
    expect(text.startsWith('// mine\n')).toBe(true);
    expect(text).toContain('"fingerprint": "SHA256:');
    expect(fingerprint).toBeDefined();
    expect((await line.run(['backup'], { env })).code).toBe(3);
  });

  it('pins a certificate', async () => {
    await using ftps = await startVsftpd({ tls: 'explicit' });
    using line = new CommandLine();
    const { fingerprint, ...unpinned } = connection();
    line.configureServer({ ...unpinned, protocol: 'ftps', port: ftps.port });
    expect((await line.run(['trust', 'web', '--accept'])).code).toBe(0);
    expect(fs.readFileSync(line.configurationFile, 'utf8')).toContain(ftps.fingerprint);
    const env = { SAUVEGARDE_PASSWORD: owner.password };
    const backup = await line.run(['backup', '--json'], { env });
    expect(backup.code, backup.out).toBe(3);
    expect(fingerprint).not.toBe(ftps.fingerprint);
  });

  it('takes the password from a file with closed rights, or from a command', async () => {
    using line = new CommandLine();
    line.configureServer(connection());
    const file = path.join(line.workspace, 'password');
    fs.writeFileSync(file, `${owner.password}\n`, { mode: 0o644 });
    const open = await line.run(['check', '--json', '--password-file', file]);
    expect(open.events[0]).toMatchObject({ event: 'error', kind: 'configuration' });
    fs.chmodSync(file, 0o600);
    expect((await line.run(['check', '--password-file', file])).code).toBe(0);
    expect((await line.run(['check', '--password-command', `cat '${file}'`])).code).toBe(0);
    const failing = await line.run([
      'check',
      '--json',
      '--password-command',
      `cat '${file}'; false`,
    ]);
    expect(failing.code).toBe(2);
    expect(failing.out + failing.error).not.toContain(owner.password);
  });

  it('is cancelled by Ctrl-C and continued by the next run', async () => {
    using line = new CommandLine();
    const many = `${site}-many`;
    fs.mkdirSync(many);
    for (let file = 0; file < 300; file += 1) {
      fs.writeFileSync(path.join(many, `file${file}`), Buffer.alloc(200_000, `${file}`));
    }
    line.configureServer({ ...connection(), include: [many] });
    const env = { SAUVEGARDE_PASSWORD: owner.password };
    const journal = path.join(line.backups, 'web', '.sauvegarde', 'partial', 'journal');
    const cancelled = await line.run(['backup', '--json'], {
      env,
      started: (child) => {
        const watch = setInterval(() => {
          if ((fs.statSync(journal, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
          clearInterval(watch);
          child.kill('SIGINT');
        }, 2);
        child.once('close', () => clearInterval(watch));
      },
    });
    expect(cancelled.events.find(({ event }) => event === 'error')).toMatchObject({
      kind: 'cancelled',
    });
    expect(cancelled.code).toBe(130);
    expect((await line.run(['list', '--json'])).events).toEqual([]);
    const next = await line.run(['backup', '--json'], { env });
    expect(next.code, next.out).toBe(0);
    expect(next.events.at(-1)).toMatchObject({ status: 'complete', files: 300 });
    expect(next.events.at(-1)?.fetchedFiles).toBeLessThan(300);
    fs.rmSync(many, { recursive: true });
  });
});

describe('secrets', () => {
  it('are in no file, output or process argument', async () => {
    await using server = await startOpenssh();
    await using ftp = await startVsftpd();
    const passphrase = 'planted-passphrase-7c1f';
    const wrong = 'planted-password-93ab';
    const privateKey = server.writeKey({ passphrase });
    const base = { host: '127.0.0.1', username: owner.name, include: [`${owner.home}/.profile`] };
    using line = new CommandLine();
    const { password } = owner;
    line.configure({
      servers: {
        key: {
          ...base,
          protocol: 'sftp',
          port: server.port,
          fingerprint: server.fingerprint(),
          privateKey,
        },
        ftp: { ...base, protocol: 'ftp', port: ftp.port },
        sftp: { ...base, protocol: 'sftp', port: server.port, fingerprint: server.fingerprint() },
      },
    });
    let seen = '';
    const look = async (env: NodeJS.ProcessEnv): Promise<void> => {
      const result = await line.run(['backup', '-v'], {
        env,
        started: (child) => (seen += fs.readFileSync(`/proc/${child.pid ?? 0}/cmdline`, 'latin1')),
      });
      seen += result.out + result.error;
    };
    await look({ SAUVEGARDE_PASSWORD: password, SAUVEGARDE_PASSPHRASE: passphrase });
    await look({ SAUVEGARDE_PASSWORD: wrong, SAUVEGARDE_PASSPHRASE: wrong });
    expect(seen).toContain('complete');
    const texts = fs
      .readdirSync(line.workspace, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
    for (const secret of [password, passphrase, wrong]) {
      const forms = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')];
      for (const form of forms) {
        expect(seen.includes(form)).toBe(false);
        expect(texts.some((text) => text.includes(form))).toBe(false);
      }
    }
  });
});
