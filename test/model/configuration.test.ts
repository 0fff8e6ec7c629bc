import { describe, expect, it } from 'vitest';
import { configurationError, parseConfiguration } from '../../src/model/configuration/parse';
import { withAccepted } from '../../src/model/configuration/pinFingerprint';
import { defaultPort, endpointOf, type Server } from '../../src/model/configuration/server';

const messages = (text: string): string[] =>
  parseConfiguration(text, '/home/me/site').faults.map((fault) => fault.message);

/** A file with one right server and some more fields in it. */
const withFields = (fields: string): string =>
  `{\n  "servers": {\n    "a": {\n      "protocol": "sftp", "host": "h", "include": ["/x"],\n      ${fields}\n    }\n  }\n}`;

function serverOf(fields: string): Server {
  const parsed = parseConfiguration(withFields(fields), '/home/me/site');
  expect(parsed.faults).toEqual([]);
  return parsed.configuration!.servers.get('a')!;
}

const wholeNumber = (from: number, to: number): string => `a whole number from ${from} to ${to}`;
const rate = 'a rate such as "4MB/s", or a timetable such as "08:00 2MB/s, 20:00 off"';
const absolutePath = 'an absolute path such as "/var/www"';
const nameRule =
  'a name of letters, digits, ".", "_" and "-", at most 64 long, as it names a folder';
const windowsRule =
  'a name that Windows can hold: none of its devices such as "con", no dot at the end';

describe('a wrong file', () => {
  it.each([
    ['', 'Line 1: not valid JSON (value expected).'],
    ['[]', 'Line 1: The file is []. Accepted is an object with "servers".'],
    ['{', 'Line 1: not valid JSON (close brace expected).'],
    ['// c\n{"servers": {}} x', 'Line 2: not valid JSON (invalid symbol).'],
    ['{}', 'Line 1: servers is missing. Accepted is an object with a server for each name.'],
    [
      '{"servers": []}',
      'Line 1: servers is []. Accepted is an object with a server for each name.',
    ],
    [
      '{"servers": {"a": 5}}',
      'Line 1: servers.a is 5. Accepted is an object that describes a server.',
    ],
    [
      '{\n"servers": {"bad name": {"protocol": "local", "include": ["/x"]}}}',
      `Line 2: the name "bad name" is not possible. Accepted is ${nameRule}.`,
    ],
    [
      '{"servers": {"..": {"protocol": "local", "include": ["/x"]}}}',
      `Line 1: the name ".." is not possible. Accepted is ${nameRule}.`,
    ],
    [
      '{"servers": {"web.": {"protocol": "local", "include": ["/x"]}}}',
      `Line 1: the name "web." is not possible. Accepted is ${windowsRule}.`,
    ],
    [
      '{"servers": {"Con.1": {"protocol": "local", "include": ["/x"]}}}',
      `Line 1: the name "Con.1" is not possible. Accepted is ${windowsRule}.`,
    ],
    [
      '{"servers": {"__proto__": {"protocol": "local", "include": ["/x"]}}}',
      'Line 1: the name "__proto__" is not possible. Accepted is another name.',
    ],
    [
      '{"servers": {"a": {"protocol": "local", "include": ["/x"]},\n"A": {"protocol": "local", "include": ["/x"]}}}',
      'Line 2: the name "A" is not possible. Accepted is a name that differs from the others by more than case.',
    ],
    [
      '{"servers": {"a": {"protocol": "ftp", "include": ["/x"]}}}',
      'Line 1: servers.a.host is missing. Accepted is a host name or address.',
    ],
    [
      '{"servers": {"a": {"protocol": "local"}}}',
      'Line 1: servers.a.include is missing. Accepted is a list of absolute paths.',
    ],
    [
      '{"servers": {"a": {"include": ["/x"]}}}',
      'Line 1: servers.a.protocol is missing. Accepted is one of "sftp", "ftp", "ftps", "rsync", "local".',
    ],
    [
      '{"servers": {"a": {"protocol": "local", "include": "/x"}}}',
      'Line 1: servers.a.include is "/x". Accepted is a list of absolute paths.',
    ],
    [
      '{"servers": {"a": {"protocol": "local", "include": ["var"]}}}',
      `Line 1: servers.a.include.0 is "var". Accepted is ${absolutePath}.`,
    ],
    [
      '{"servers": {"a": {"protocol": "local", "include": ["/a/../b"]}}}',
      'Line 1: servers.a.include.0 is "/a/../b". Accepted is an absolute path without "." or ".." in it.',
    ],
    [
      '{"servers": {"a": {"protocol": "local", "include": ["./.."]}}}',
      `Line 1: servers.a.include.0 is "./..". Accepted is ${absolutePath}.`,
    ],
    ...['../out', '.', '/abs', 'a/../..', '..', 'a/..'].map((folder) => [
      `{"servers": {},\n"destination": "${folder}"}`,
      `Line 2: destination is "${folder}". Accepted is a folder inside the workspace folder.`,
    ]),
    [
      '{"servers": {}, "servers": {}}',
      'Line 1: servers stands here for the second time. Keep one of them.',
    ],
  ])('%s', (text, message) => {
    expect(messages(text)).toEqual([message]);
  });

  it.each([
    ['"port": 0', 'port is 0', wholeNumber(1, 65_535)],
    ['"port": -1.5', 'port is -1.5', wholeNumber(1, 65_535)],
    ['"port": "22"', 'port is "22"', wholeNumber(1, 65_535)],
    ['"connections": 33', 'connections is 33', wholeNumber(1, 32)],
    ['"timeout": 0', 'timeout is 0', wholeNumber(1, 3600)],
    ['"username": ""', 'username is ""', 'a user name'],
    ['"username": "a\\nb"', 'username is "a\\nb"', 'a user name, on one line'],
    ['"privateKey": 1', 'privateKey is 1', 'the path of a private key'],
    ['"jump": "x"', 'jump is "x"', 'a list of jump hosts such as "user@host:22"'],
    ['"tls": "none"', 'tls is "none"', 'one of "explicit", "implicit"'],
    ['"ca": ""', 'ca is ""', 'the path of a PEM file'],
    [
      '"fingerprint": "MD5:x"',
      'fingerprint is "MD5:x"',
      'a fingerprint such as "SHA256:" followed by 43 base64 characters',
    ],
    ['"via": "x"', 'via is "x"', 'one of "ssh", "daemon"'],
    [
      '"encoding": "nope"',
      'encoding is "nope"',
      'an encoding such as "utf8", "latin1" or "shift_jis"',
    ],
    ['"exclude": "*.log"', 'exclude is "*.log"', 'a list of patterns'],
    ['"links": "folow"', 'links is "folow"', 'one of "record", "follow", "skip"'],
    ['"bandwidth": "4"', 'bandwidth is "4"', rate],
    ['"bandwidth": "0.0MB/s"', 'bandwidth is "0.0MB/s"', rate],
    ['"bandwidth": "4iB/s"', 'bandwidth is "4iB/s"', rate],
    ['"schedule": 7', 'schedule is 7', 'a cron expression such as "0 7 * * *", or "@daily"'],
    ['"verify": "0%"', 'verify is "0%"', 'a share such as "2%", or a time such as "10m"'],
    ['"verify": 2', 'verify is 2', 'a share such as "2%", or a time such as "10m"'],
    [
      '"reread": "often"',
      'reread is "often"',
      'one of "daily", "weekly", "monthly", "quarterly", "yearly"',
    ],
    ['"shell": "yes"', 'shell is "yes"', 'true or false'],
    ['"keep": 3', 'keep is 3', 'an object with counts such as { "daily": 7 }'],
    ['"keep": {"daily": -1}', 'keep.daily is -1', wholeNumber(0, 10_000)],
    [
      '"keep": {"within": "30"}',
      'keep.within is "30"',
      'a span such as "30d", "12h", "2w", "6m" or "1y"',
    ],
    ['"guard": 1', 'guard is 1', 'true or false'],
  ])('with %s', (fields, found, accepted) => {
    expect(messages(withFields(fields))).toEqual([
      `Line 5: servers.a.${found}. Accepted is ${accepted}.`,
    ]);
  });

  it.each([
    ['"prot": 22', 'prot', 'Did you mean "port"?'],
    ['"Include": []', 'Include', 'Did you mean "include"?'],
    ['"keep": {"dayly": 1}', 'keep.dayly', 'Did you mean "daily"?'],
    [
      '"keep": {"q": 1}',
      'keep.q',
      'Known are: last, hourly, daily, weekly, monthly, yearly, within',
    ],
  ])('with a field that is not known: %s', (fields, field, advice) => {
    expect(messages(withFields(fields))).toEqual([
      `Line 5: servers.a.${field} is not a known field. ${advice}`,
    ]);
  });

  it('has a fault for each mistake, placed where it is', () => {
    const text = withFields('"port": 0,\n      "tls": 1');
    const { faults } = parseConfiguration(text, '/home/me/site');
    expect(faults).toMatchObject([
      { field: 'servers.a.port', value: '0', line: 5, offset: text.indexOf('0,'), length: 1 },
      { field: 'servers.a.tls', value: '1', line: 6, offset: text.indexOf('1\n'), length: 1 },
    ]);
    expect(configurationError('sauvegarde.json', faults)).toMatchObject({
      kind: 'configuration',
      message: `sauvegarde.json has 2 faults:\n${faults.map(({ message }) => message).join('\n')}`,
    });
  });

  it('says of a name that stands twice only that', () => {
    expect(messages(withFields('"include": 5'))).toEqual([
      'Line 5: servers.a.include stands here for the second time. Keep one of them.',
    ]);
  });

  it('shows no more of a long value than fits on a line', () => {
    const [message] = messages(withFields(`"port": "${'x'.repeat(5000)}"`));
    expect(message!.length).toBeLessThan(200);
  });
});

describe('a right file', () => {
  it('may have comments, trailing commas and a byte order mark', () => {
    const text =
      '\uFEFF// top\n{ "servers": { /* none */ "a": { "protocol": "local", "include": ["/x",], }, }, }';
    expect(parseConfiguration(text, '/w').faults).toEqual([]);
    expect(messages(`\uFEFF{"servers": {},\n"destination": ".."}`)[0]).toContain('Line 2');
  });

  it('has a default for everything', () => {
    const text = '{"servers": {"a": {"protocol": "local", "include": ["/x"]}}}';
    const { configuration } = parseConfiguration(text, '/home/me/site');
    expect(configuration?.destination).toBe('/home/me/site/backups');
    expect(configuration?.servers.get('a')).toEqual({
      name: 'a',
      protocol: 'local',
      host: '',
      jump: [],
      tls: 'explicit',
      via: 'ssh',
      encoding: 'utf8',
      include: ['/x'],
      exclude: [],
      links: 'record',
      connections: 4,
      timeout: 30_000,
      unattended: { schedule: undefined, keep: undefined },
    });
  });

  it('keeps the stores inside the workspace', () => {
    const text = '{"destination": "../site/..data/x/", "servers": {}}';
    const { configuration } = parseConfiguration(text, '/home/me/site');
    expect(configuration?.destination).toBe('/home/me/site/..data/x');
  });

  it.each([
    ['1B/s', 1],
    ['500kB/s', 500_000],
    ['4MB/s', 4_000_000],
    ['1.5 GB/s', 1_500_000_000],
    ['1KiB/s', 1024],
    ['2MiB/s', 2_097_152],
  ])('may limit the rate: %s', (written, bytes) => {
    const { bandwidth } = serverOf(`"bandwidth": "${written}"`);
    expect(bandwidth).toEqual([{ from: 0, rate: bytes }]);
  });

  it('says how much is verified, and how often all is compared', () => {
    expect(serverOf('"verify": "2.5%", "reread": "monthly", "shell": true')).toMatchObject({
      verify: { share: 0.025 },
      reread: 'monthly',
      shell: true,
    });
    expect(serverOf('"verify": "1h 30m"')).toMatchObject({ verify: { milliseconds: 5_400_000 } });
  });

  it('resolves paths and times', () => {
    expect(serverOf('"ca": "certs/ca.pem", "timeout": 5')).toMatchObject({
      ca: '/home/me/site/certs/ca.pem',
      timeout: 5000,
    });
  });

  it.each([
    ['"username": "me@x"', 'sftp://me%40x@h:22'],
    ['"port": 2222', 'sftp://h:2222'],
  ])('gives a server its endpoint: %s', (fields, endpoint) => {
    expect(endpointOf(serverOf(fields))).toBe(endpoint);
  });

  it('knows the ports', () => {
    const server = serverOf('"tls": "implicit"');
    expect(defaultPort({ ...server, protocol: 'ftps' })).toBe(990);
    expect(defaultPort({ ...server, protocol: 'ftp' })).toBe(21);
    expect(defaultPort({ ...server, protocol: 'rsync', via: 'daemon' })).toBe(873);
    expect(endpointOf({ ...server, protocol: 'ftps', host: '::1' })).toBe('ftps://[::1]:990');
  });
});

describe('pinning a fingerprint', () => {
  it('keeps comments, order and trailing commas', () => {
    const text =
      '{\n  // all\n  "servers": {\n    "a": {\n      "host": "h", // here\n    },\n  },\n}\n';
    const pinned = withAccepted(text, 'a', { fingerprint: 'SHA256:x' });
    expect(pinned).toContain('// all');
    expect(pinned).toContain('// here');
    expect(pinned.replace(/\s*"fingerprint": "SHA256:x",?/, '').replace(/\s/g, '')).toBe(
      text.replace(/\s/g, ''),
    );
  });

  it('replaces the one before, and nothing else', () => {
    const text = '{"servers":{"a":{"fingerprint":"old",  "host":"h"}, "b": {"fingerprint":"old"}}}';
    expect(withAccepted(text, 'a', { fingerprint: 'new' })).toBe(text.replace('old', 'new'));
  });

  it('indents as the file does', () => {
    const tabs = '{\r\n\t"servers": {\r\n\t\t"a": {\r\n\t\t\t"host": "h"\r\n\t\t}\r\n\t}\r\n}';
    expect(withAccepted(tabs, 'a', { fingerprint: 'x' })).toBe(
      tabs.replace('"h"', '"h",\r\n\t\t\t"fingerprint": "x"'),
    );
    const four =
      '{\n    "servers": {\n        "a": {\n            "host": "h"\n        }\n    }\n}';
    expect(withAccepted(four, 'a', { fingerprint: 'x' })).toBe(
      four.replace('"h"', '"h",\n            "fingerprint": "x"'),
    );
  });

  it('keeps a byte order mark', () => {
    const text = '\uFEFF{"servers":{"a":{"fingerprint":"old"}}}';
    expect(withAccepted(text, 'a', { fingerprint: 'new' })).toBe(text.replace('old', 'new'));
  });
});
