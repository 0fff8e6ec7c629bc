import { describe, expect, it } from 'vitest';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { smtpEndpoint, type Reporting } from '../../src/model/configuration/reporting';

const withReport = (report: string): string =>
  `{ "servers": { "a": { "protocol": "local", "include": ["/x"],\n"report": ${report} } } }`;

const messages = (report: string): string[] =>
  parseConfiguration(withReport(report), '/home/me/site').faults.map(({ message }) => message);

function reportingOf(report: string): Reporting | undefined {
  const parsed = parseConfiguration(withReport(report), '/home/me/site');
  expect(parsed.faults).toEqual([]);
  return parsed.configuration!.servers.get('a')!.report;
}

const mail = (fields: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({ mail: { to: 'a@b', from: 'c@d', smtp: { host: 'h' }, ...fields } });

const smtp = (fields: Readonly<Record<string, unknown>>): string =>
  mail({ smtp: { host: 'h', ...fields } });

const anyMail = 'a mail address such as "backup@example.org"';
const anyMails = `${anyMail}, or several with commas between`;
const anyAddress = 'an http or https address';
const anyWebhook = 'an http or https address, or an object with "address" and "format"';
const anyMonitor =
  'an http or https address, or an object with addresses for "start", "success" and "failure"';

describe('a wrong report', () => {
  it.each([
    ['true', ' is true', 'an object with "when", "mail", "webhook" and "monitor"'],
    ['{"when": "x"}', '.when is "x"', 'one of "always", "failure", "never"'],
    ['{"webhook": "ftp://x"}', '.webhook is "ftp://x"', anyAddress],
    ['{"webhook": "https://"}', '.webhook is "https://"', anyAddress],
    ['{"webhook": "https://a:99999/"}', '.webhook is "https://a:99999/"', anyAddress],
    ['{"webhook": "https://me:secret@h/"}', '.webhook is "https://me:secret@h/"', anyAddress],
    ['{"webhook": 5}', '.webhook is 5', anyWebhook],
    ['{"webhook": {"address": "h"}}', '.webhook.address is "h"', anyAddress],
    [
      '{"webhook": {"address": "https://h/", "format": "irc"}}',
      '.webhook.format is "irc"',
      'one of "json", "slack", "discord", "teams", "teams-connector", "google-chat", "ntfy", "gotify"',
    ],
    ['{"monitor": 5}', '.monitor is 5', anyMonitor],
    ['{"monitor": ""}', '.monitor is ""', anyAddress],
    ['{"monitor": {"start": "h"}}', '.monitor.start is "h"', anyAddress],
    [
      '{"mail": {"to": "a@b", "from": "c@d"}}',
      '.mail.smtp is missing',
      'an object with the mail server',
    ],
    [mail({ to: 'a' }), '.mail.to is "a"', anyMails],
    [mail({ to: 'a@b,' }), '.mail.to is "a@b,"', anyMails],
    [mail({ to: ['a@b'] }), '.mail.to is ["a@b"]', anyMails],
    [mail({ to: 'a@b\r\nBcc: x@y' }), String.raw`.mail.to is "a@b\r\nBcc: x@y"`, anyMails],
    [mail({ from: 'a@b, c@d' }), '.mail.from is "a@b, c@d"', anyMail],
    [mail({ from: 'x\n<a@b>' }), String.raw`.mail.from is "x\n<a@b>"`, anyMail],
    [mail({ from: 'a@b>\u2028' }), '.mail.from is "a@b> "', anyMail],
    [mail({ from: 'a"b" <a@b>' }), String.raw`.mail.from is "a\"b\" <a@b>"`, anyMail],
    [smtp({ host: 'h/x' }), '.mail.smtp.host is "h/x"', 'a host name or address'],
    [smtp({ security: 'ssl' }), '.mail.smtp.security is "ssl"', 'one of "starttls", "tls", "none"'],
    [smtp({ port: 0 }), '.mail.smtp.port is 0', 'a whole number from 1 to 65535'],
    [smtp({ ca: '' }), '.mail.smtp.ca is ""', 'the path of a PEM file'],
  ])('%s', (report, found, accepted) => {
    expect(messages(report)).toEqual([
      `Line 2: servers.a.report${found}. Accepted is ${accepted}.`,
    ]);
  });

  it.each([
    [smtp({ prt: 1 }), 'mail.smtp.prt', 'Did you mean "port"?'],
    ['{"monitor": {"fail": "http://h"}}', 'monitor.fail', 'Known are: start, success, failure'],
    ['{"slack": "http://h"}', 'slack', 'Known are: when, mail, webhook, monitor'],
  ])('has a field that is not known: %s', (report, field, advice) => {
    expect(messages(report)).toEqual([
      `Line 2: servers.a.report.${field} is not a known field. ${advice}`,
    ]);
  });
});

describe('a right report', () => {
  it('is sent on failure, unless it says otherwise', () => {
    expect(reportingOf('{}')).toEqual({ when: 'failure' });
    expect(reportingOf('{"when": "always"}')).toEqual({ when: 'always' });
  });

  it.each([
    ['starttls', 587],
    ['tls', 465],
    ['none', 25],
  ])('finds the port of %s', (security, port) => {
    expect(reportingOf(smtp({ security }))?.mail?.smtp).toEqual({ host: 'h', port, security });
  });

  it('asks for STARTTLS by default, and finds the authority in the workspace folder', () => {
    expect(reportingOf(smtp({ ca: 'certs/ca.pem' }))?.mail?.smtp).toEqual({
      host: 'h',
      port: 587,
      security: 'starttls',
      ca: '/home/me/site/certs/ca.pem',
    });
  });

  it('may have several recipients, with names', () => {
    const report = mail({ to: 'a@b, The Ops <c@d.example>', from: 'Backup <x@y>' });
    expect(reportingOf(report)?.mail).toMatchObject({
      to: [
        { address: 'a@b', name: '' },
        { address: 'c@d.example', name: 'The Ops' },
      ],
      from: { address: 'x@y', name: 'Backup' },
    });
  });

  it.each([
    ['https://hc.example.org/uuid', 'https://hc.example.org/uuid/start'],
    ['https://hc.example.org/uuid/', 'https://hc.example.org/uuid/start'],
    ['https://hc.example.org/uuid?a=b', 'https://hc.example.org/uuid/start?a=b'],
  ])('makes three addresses of one: %s', (written, start) => {
    expect(reportingOf(JSON.stringify({ monitor: written }))?.monitor).toEqual({
      start,
      success: written,
      failure: start.replace('/start', '/fail'),
    });
  });

  it('may have an address for each, or for some only', () => {
    const monitor = { success: 'http://h/a', failure: 'http://h/b' };
    expect(reportingOf(JSON.stringify({ monitor }))?.monitor).toEqual(monitor);
  });

  it('has an endpoint for the secret of its mail account', () => {
    const at = { host: 'h', port: 587, security: 'tls' } as const;
    expect(smtpEndpoint({ ...at, username: 'me@x' })).toBe('smtp://me%40x@h:587');
    expect(smtpEndpoint({ ...at, host: '::1', username: 'me' })).toBe('smtp://me@[::1]:587');
    expect(smtpEndpoint(at)).toBeUndefined();
  });
});
