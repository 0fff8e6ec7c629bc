import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mailAccount, startExim, type Exim } from '../servers/exim';
import { freePort } from '../servers/serverProcess';
import { startWebReceiver } from '../servers/webReceiver';
import { CommandLine, type Result } from './commandLine';

const { username, password } = mailAccount;
const wrong = 'planted-password-41ce';

/** A local source with one file, and its report as a mail. */
function prepared(smtp: Readonly<Record<string, unknown>>, more: object = {}): CommandLine {
  const line = new CommandLine();
  const site = path.join(line.workspace, 'site');
  fs.mkdirSync(site);
  fs.writeFileSync(path.join(site, 'page.html'), 'content');
  const mail = {
    from: 'Backup <backup@example.org>',
    to: 'ops@example.org',
    smtp: { host: '127.0.0.1', username, ...smtp },
  };
  const report = { when: 'always', mail, ...more };
  line.configureServer({ protocol: 'local', include: [site], report });
  return line;
}

const backup = (line: CommandLine, args: readonly string[] = [], secret = password) =>
  line.run(['backup', ...args], { env: { SAUVEGARDE_SMTP_PASSWORD: secret } });

const snapshots = async (line: CommandLine): Promise<Result['events']> =>
  (await line.run(['list', '--json'])).events;

describe('a backup is told by mail', () => {
  let server: Exim;
  beforeAll(async () => {
    server = await startExim();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('over STARTTLS: subject, two bodies and the log', async () => {
    using line = prepared({ port: server.port, ca: server.caFile });
    const result = await backup(line);
    expect(result.error).toBe('');
    expect(result.code).toBe(0);
    await expect.poll(() => server.rawMails()).toHaveLength(1);
    const [mail] = await server.mails();
    expect(mail?.subject).toBe('Backup success: web, 1 file');
    expect(mail?.text).toContain('Complete: everything that was chosen is in the snapshot.');
    expect(mail?.html).toContain('<h1>Backup of web</h1>');
    const [{ snapshot } = { snapshot: '' }] = await snapshots(line);
    expect(mail?.attachments).toHaveLength(1);
    expect(mail?.attachments[0]).toMatchObject({ filename: `web-${snapshot ?? ''}.log` });
    const log = Buffer.from(mail?.attachments[0]?.content as ArrayBuffer).toString('utf8');
    expect(log).toContain(`Snapshot ${snapshot ?? ''} is complete`);
    const written = path.join(line.backups, 'web/.sauvegarde/runs', `${snapshot ?? ''}.log`);
    expect(fs.readFileSync(written, 'utf8')).toContain('sent by mail to ops@example.org');
  });

  it('also when it failed', async () => {
    using line = prepared({ port: server.port, ca: server.caFile });
    fs.rmSync(path.join(line.workspace, 'site'), { recursive: true });
    const before = server.rawMails().length;
    expect((await backup(line)).code).toBe(1);
    await expect.poll(() => server.rawMails()).toHaveLength(before + 1);
    const subjects = (await server.mails()).map(({ subject }) => subject);
    expect(subjects).toContain('Backup failure: web, 0 files fetched (not-found)');
  });

  it.each(['tls', 'none'] as const)('with "%s"', async (security) => {
    await using other = await startExim({ security });
    using line = prepared({ port: other.port, ca: other.caFile, security });
    const result = await backup(line);
    expect(result).toMatchObject({ code: 0, error: '' });
    await expect.poll(() => other.rawMails()).toHaveLength(1);
  });

  it('with the password of its own server name first', async () => {
    using line = prepared({ port: server.port, ca: server.caFile });
    const env = { SAUVEGARDE_SMTP_PASSWORD_WEB: password, SAUVEGARDE_SMTP_PASSWORD: wrong };
    expect(await line.run(['backup'], { env })).toMatchObject({ code: 0, error: '' });
  });

  it.each([
    ['the password is wrong', {}, wrong, 'refused the login of "backup"'],
    ['the certificate is not trusted', { ca: undefined }, password, 'is not trusted'],
    ['the server is down', { port: 0 }, password, 'cannot be reached, or broke off (ECONNREFUSED)'],
    ['encryption is expected at once', { security: 'tls' }, password, 'cannot be reached'],
  ])('or succeeds and says that it could not be, where %s', async (_why, changes, secret, why) => {
    const port = 'port' in changes ? await freePort() : server.port;
    using line = prepared({ ca: server.caFile, ...changes, port });
    const words = await backup(line, [], secret);
    expect(words.code).toBe(0);
    expect(words.out).toContain('is complete');
    expect(words.error).toContain('sauvegarde: web: The report could not be sent by mail: ');
    expect(words.error).toContain(why);
    const json = await backup(line, ['--json'], secret);
    expect(json).toMatchObject({ code: 0, error: '' });
    expect(json.events).toMatchObject([
      { event: 'finished', status: 'complete', warnings: [{ path: 'report.mail' }] },
    ]);
    expect(json.out).toContain(why.replaceAll('"', String.raw`\"`));
    expect(await snapshots(line)).toHaveLength(2);
  });

  it('or fails as it would have, where it failed and could not be', async () => {
    using line = prepared({ port: await freePort() });
    fs.rmSync(path.join(line.workspace, 'site'), { recursive: true });
    const { code, events } = await backup(line, ['--json']);
    expect(code).toBe(1);
    expect(events.at(-1)).toMatchObject({
      event: 'finished',
      status: 'failed',
      warnings: [{ path: 'report.mail' }],
    });
  });

  it('never with the password of the server, and none is in any file or output', async () => {
    using line = prepared({ port: server.port, ca: server.caFile });
    const passwordFile = path.join(line.home, 'password');
    fs.writeFileSync(passwordFile, wrong, { mode: 0o600 });
    const before = server.rawMails().length;
    const env = { SAUVEGARDE_PASSWORD: password, SAUVEGARDE_PASSWORD_WEB: password };
    const own = await line.run(['backup', '-v', '--password-file', passwordFile], { env });
    expect(own.code).toBe(0);
    expect(own.error).toContain('No password is known for smtp://backup@127.0.0.1');
    expect(server.rawMails()).toHaveLength(before);
    fs.rmSync(passwordFile);
    const seen = [own, await backup(line, ['-v'], wrong), await backup(line, ['-v'])];
    const texts = fs
      .readdirSync(line.workspace, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => fs.readFileSync(path.join(entry.parentPath, entry.name), 'latin1'));
    for (const { out, error } of seen) texts.push(out, error);
    for (const secret of [password, wrong]) {
      const login = Buffer.from(`\0${username}\0${secret}`).toString('base64');
      for (const form of [secret, login, Buffer.from(secret).toString('base64')]) {
        expect(texts.some((text) => text.includes(form))).toBe(false);
      }
    }
  });
});

it('a backup calls the webhook and the monitor', async () => {
  await using web = await startWebReceiver();
  using line = new CommandLine();
  const site = path.join(line.workspace, 'site');
  fs.mkdirSync(site);
  const report = { webhook: web.at('/hook'), monitor: web.at('/ping') };
  line.configureServer({ protocol: 'local', include: [site], report });
  expect((await line.run(['backup'])).code).toBe(0);
  expect(web.calls.map(({ path: called }) => called)).toEqual(['/ping/start', '/ping']);
  fs.rmdirSync(site);
  expect((await line.run(['backup'])).code).toBe(1);
  const called = web.calls.slice(2).map(({ path: found }) => found);
  expect(called.sort()).toEqual(['/hook', '/ping/fail', '/ping/start']);
});
