import { createServer, type AddressInfo, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import type { Reporting, SmtpSetting } from '../../src/model/configuration/reporting';
import { newsOfRun } from '../../src/report/news';
import { tell, type Untold } from '../../src/report/tell';
import { mailAccount, refusedAddress, startExim, type Exim } from '../servers/exim';
import { freePort } from '../servers/serverProcess';
import { exampleReport } from './exampleReport';
import { Telling } from './telling';

const log = Buffer.from('2026-11-23T07:00:00.000Z info  Backing up web: café\n', 'utf8');
const news = newsOfRun(exampleReport, log, english);
const { username, password } = mailAccount;

const reporting = (smtp: SmtpSetting, to = ['ops@example.org']): Reporting => ({
  when: 'failure',
  mail: {
    from: { address: 'backup@example.org', name: 'Backup' },
    to: to.map((address) => ({ address, name: '' })),
    smtp,
  },
});

const smtpOf = (server: Exim, changes: Partial<SmtpSetting> = {}): SmtpSetting => ({
  host: '127.0.0.1',
  port: server.port,
  security: 'starttls',
  ca: server.caFile,
  username,
  ...changes,
});

const send = (smtp: SmtpSetting, telling = new Telling(password)): Promise<readonly Untold[]> =>
  tell(news, reporting(smtp), telling.context());

describe('mail over STARTTLS', () => {
  let server: Exim;
  beforeAll(async () => {
    server = await startExim();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('arrives with both bodies and the log', async () => {
    const telling = new Telling(password);
    expect(await send(smtpOf(server), telling)).toEqual([]);
    expect(telling.asked).toEqual([`smtp://backup@127.0.0.1:${server.port}`]);
    expect(telling.lines).toEqual(['The report was sent by mail to ops@example.org.']);
    await expect.poll(() => server.rawMails()).toHaveLength(1);
    const [mail] = await server.mails();
    expect(mail).toMatchObject({
      subject: 'Backup incomplete: web, 12 files, 1 skipped',
      from: { address: 'backup@example.org', name: 'Backup' },
      to: [{ address: 'ops@example.org' }],
      attachments: [
        {
          filename: 'web-2026-11-23T07-00-00Z.log',
          mimeType: 'text/plain',
          disposition: 'attachment',
        },
      ],
    });
    expect(mail?.text).toContain('Not allowed. (permission)');
    expect(mail?.html).toContain('<li><code>/a</code>: Not allowed. (permission)</li>');
    const [attachment] = mail?.attachments ?? [];
    expect(Buffer.from(attachment?.content as ArrayBuffer).toString('utf8')).toBe(
      log.toString('utf8'),
    );
    expect(server.rawMails()[0]).toMatch(/^Auto-Submitted: auto-generated$/im);
    expect(server.log()).toMatch(/P=esmtpsa X=TLS1\.3.* A=plain:backup/);
  });

  it('arrives at every recipient', async () => {
    const to = ['one@example.org', 'two@example.org'];
    const before = server.rawMails().length;
    const telling = new Telling(password);
    expect(await tell(news, reporting(smtpOf(server), to), telling.context())).toEqual([]);
    await expect.poll(() => server.rawMails()).toHaveLength(before + 2);
  });

  it.each([
    ['a wrong password', 'a-wrong-Password 1', 'refused the login of "backup" (535)'],
    ['no password', undefined, 'No password is known for smtp://backup@127.0.0.1'],
  ])('is not sent with %s', async (_what, wrong, reason) => {
    const telling = new Telling(wrong);
    const untold = await send(smtpOf(server), telling);
    expect(untold).toMatchObject([{ path: 'report.mail' }]);
    expect(untold[0]?.message).toContain(reason);
    const forms = [wrong ?? '\0', Buffer.from(wrong ?? '\0').toString('base64')];
    for (const form of forms) expect(untold[0]?.message).not.toContain(form);
    expect(telling.clock.slept).toBe(0);
  });

  it('is not sent where the certificate is not trusted', async () => {
    const { ca, ...without } = smtpOf(server);
    expect(ca).toBeDefined();
    const untold = await send(without);
    expect(untold[0]?.message).toContain('The certificate of the mail server 127.0.0.1');
    expect(untold[0]?.message).toContain('Set "ca" of "smtp"');
    await using other = await startExim({ certificate: { names: 'DNS:other.example' } });
    const wrongName = await send(smtpOf(other));
    expect(wrongName[0]?.message).toContain('The certificate of the mail server 127.0.0.1');
    expect(other.rawMails()).toEqual([]);
  });

  it('is not sent where the authority cannot be read', async () => {
    const untold = await send(smtpOf(server, { ca: '/nowhere/ca.pem' }));
    expect(untold[0]?.message).toContain('"ca" must be a file with a certificate');
  });

  it('says which recipients the server refuses', async () => {
    const to = ['ops@example.org', refusedAddress];
    const context = new Telling(password).context();
    const some = await tell(news, reporting(smtpOf(server), to), context);
    expect(some[0]?.message).toContain(`and not for ${refusedAddress}`);
    const none = await tell(news, reporting(smtpOf(server), [refusedAddress]), context);
    expect(none[0]?.message).toContain('refused the report: 550 No such recipient');
  });
});

describe('mail', () => {
  it('arrives over TLS from the start', async () => {
    await using server = await startExim({ security: 'tls' });
    const { ca: _ca, ...without } = smtpOf(server, { security: 'tls' });
    expect((await send(without))[0]?.message).toContain('is not trusted');
    expect(await send(smtpOf(server, { security: 'tls' }))).toEqual([]);
    await expect.poll(() => server.rawMails()).toHaveLength(1);
    expect(server.log()).toMatch(/P=esmtpsa X=TLS/);
  });

  it('arrives in the clear only where that is wanted', async () => {
    await using server = await startExim({ security: 'none' });
    const telling = new Telling(password);
    const untold = await send(smtpOf(server), telling);
    expect(untold[0]?.message).toContain('does not start encryption');
    expect(telling.clock.slept).toBe(0);
    expect(await send(smtpOf(server, { security: 'none' }))).toEqual([]);
    await expect.poll(() => server.rawMails()).toHaveLength(1);
    expect(server.log()).toMatch(/P=esmtpa A=plain:backup/);
  });

  it('arrives without a login where there is no user name', async () => {
    await using server = await startExim({ security: 'none', login: false });
    const telling = new Telling('never asked for');
    const { username: _user, ...smtp } = smtpOf(server, { security: 'none' });
    expect(await send(smtp, telling)).toEqual([]);
    expect(telling.asked).toEqual([]);
    await expect.poll(() => server.rawMails()).toHaveLength(1);
  });

  it('is tried again where nobody listens, and given up', async () => {
    const telling = new Telling(password);
    const smtp = { host: '127.0.0.1', port: await freePort(), security: 'tls' } as const;
    const untold = await send(smtp, telling);
    expect(untold[0]?.message).toContain('cannot be reached, or broke off (ECONNREFUSED)');
    expect(telling.clock.slept).toBe(3000);
  });
});

/** A mail server that plays a part of the conversation. */
async function scripted(answer: (line: string, socket: Socket) => void) {
  const heard: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    answer('', socket);
    socket.on('data', (chunk) => {
      for (const line of chunk.toString('latin1').split('\r\n').filter(Boolean)) {
        heard.push(line);
        answer(line, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    heard,
    connections: () => sockets.size,
    smtp: { host: '127.0.0.1', port, security: 'none', username } as const,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe('a bad mail server', () => {
  it('that says nothing costs no more than the deadline', async () => {
    await using server = await scripted(() => undefined);
    const untold = await send(server.smtp, new Telling(password, 50));
    expect(untold[0]?.message).toContain('does not answer');
  });

  it('that falls silent in the middle of the mail is not sent it twice', async () => {
    await using server = await scripted((line, socket) => {
      if (line === '') socket.write('220 hello\r\n');
      if (line.startsWith('EHLO')) socket.write('250-hello\r\n250 AUTH PLAIN\r\n');
      if (line.startsWith('AUTH')) socket.write('235 welcome\r\n');
      if (/^(MAIL|RCPT)/.test(line)) socket.write('250 fine\r\n');
      if (line === 'DATA') socket.write('354 go on\r\n');
    });
    const untold = await send(server.smtp, new Telling(password, 100));
    expect(untold[0]?.message).toContain('does not answer');
    expect(server.heard.filter((line) => line === 'DATA')).toHaveLength(1);
  });

  it('that hangs up is reported', async () => {
    await using server = await scripted((line, socket) => {
      if (line === '') socket.write('220 hello\r\n');
      if (line.startsWith('EHLO')) socket.destroy();
    });
    const untold = await send(server.smtp);
    expect(untold[0]?.message).toContain('cannot be reached, or broke off');
  });

  it('that repeats the password does not get it into a message', async () => {
    await using server = await scripted((line, socket) => {
      if (line === '') socket.write('220 hello\r\n');
      if (line.startsWith('EHLO')) socket.write('250-hello\r\n250 AUTH PLAIN\r\n');
      if (line.startsWith('AUTH')) socket.write(`535 ${line} ${password}\r\n`);
    });
    const telling = new Telling(password);
    const untold = await send(server.smtp, telling);
    const seen = JSON.stringify([untold, telling.lines]);
    expect(seen).toContain('refused the login');
    expect(seen).not.toContain(password);
    expect(seen).not.toContain(Buffer.from(`\0${username}\0${password}`).toString('base64'));
  });

  it('is left when the program is stopped', async () => {
    const telling = new Telling(password);
    await using server = await scripted(() => telling.stop.abort());
    const untold = await send(server.smtp, telling);
    expect(untold[0]?.message).toBe(
      'The report could not be sent by mail: the program was stopped.',
    );
    await expect.poll(server.connections).toBe(0);
  });
});
