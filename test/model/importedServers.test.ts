import { expect, it } from 'vitest';
import { importedServers } from '../../src/model/configuration/importedServers';
import { parseConfiguration } from '../../src/model/configuration/parse';

it('takes over one server, with its secrets apart', () => {
  const text = `{
    // mine
    "name": "My Server", "host": "example.org", "protocol": "sftp", "port": 2222,
    "username": "u", "password": "p4ss", "privateKeyPath": "~/.ssh/k", "passphrase": "phrase",
    "remotePath": "/var/www", "ignore": [".git", "*.log"], "concurrency": 2, "connectTimeout": 1500,
    "hop": { "host": "bastion", "username": "ops", "port": 22 }, "uploadOnSave": true,
  }`;
  expect(importedServers(text)).toEqual([
    {
      name: 'My-Server',
      server: {
        protocol: 'sftp',
        host: 'example.org',
        port: 2222,
        username: 'u',
        privateKey: '~/.ssh/k',
        jump: ['ops@bastion:22'],
        include: ['/var/www'],
        exclude: ['.git', '*.log'],
        connections: 2,
        timeout: 2,
      },
      password: 'p4ss',
      passphrase: 'phrase',
      notes: [expect.stringContaining('"hop"')],
    },
  ]);
});

it.each([
  ['{"protocol": "ftp"}', 'ftp'],
  ['{"protocol": "ftp", "secure": true}', 'ftps'],
  ['{"protocol": "ftp", "secure": "implicit"}', 'ftps'],
  ['{"protocol": "ftp", "secure": false}', 'ftp'],
  ['{}', 'sftp'],
])('%s is %s', (fields, protocol) => {
  const [imported] = importedServers(
    JSON.stringify({ host: 'h', ...(JSON.parse(fields) as object) }),
  );
  expect(imported?.server.protocol).toBe(protocol);
});

it('takes over lists and profiles, each under a name of its own', () => {
  const text = JSON.stringify([
    { name: 'a', host: 'h', profiles: { dev: { remotePath: '/dev' }, prod: { host: 'p' } } },
    { name: 'a-dev', host: 'h2' },
    { name: 'no host' },
  ]);
  const found = importedServers(text);
  expect(found.map(({ name }) => name)).toEqual(['a-dev', 'a-prod', 'a-dev-2']);
  expect(found.map(({ server }) => server.host)).toEqual(['h', 'p', 'h2']);
  expect(found.map(({ server }) => server.include)).toEqual([['/dev'], [], []]);
});

it('whatever it takes over is a valid configuration', () => {
  const text = JSON.stringify({
    name: '../é "x".',
    host: 'h',
    port: 99_999,
    remotePath: './',
    ignore: [1, null, ''],
    concurrency: -1,
    hop: [],
  });
  const [imported] = importedServers(text);
  const servers = { [imported!.name]: imported!.server };
  expect(parseConfiguration(JSON.stringify({ servers }), '/w').faults).toEqual([]);
});

it.each(['', '[]', '"x"', '{'])('%j is refused', (text) => {
  expect(() => importedServers(text)).toThrow(/sftp.json/);
});
