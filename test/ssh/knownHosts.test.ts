import { createHmac, randomBytes } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { KnownHosts, parseKnownHosts } from '../../src/sources/ssh/knownHosts';

const key = Buffer.from('the key of the host');
const other = Buffer.from('another key');
const line = (hosts: string, of = key, type = 'ssh-ed25519'): string =>
  `${hosts} ${type} ${of.toString('base64')} a comment\n`;

function hashed(name: string): string {
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  return `|1|${salt.toString('base64')}|${hash}`;
}

describe('the verdict on a key', () => {
  test.each([
    ['an empty file', '', 'host', 22, 'unknown'],
    ['the host', line('host'), 'host', 22, 'known'],
    ['the host in other case', line('Host'), 'hOST', 22, 'known'],
    ['a list', line('one,host,two'), 'host', 22, 'known'],
    ['another host', line('hosts'), 'host', 22, 'unknown'],
    ['a wildcard', line('*.example.org'), 'www.example.org', 22, 'known'],
    ['one character', line('h?st'), 'host', 22, 'known'],
    ['one character too few', line('host?'), 'host', 22, 'unknown'],
    ['a negation', line('*.example.org,!www.example.org'), 'www.example.org', 22, 'unknown'],
    ['a port', line('[host]:2222'), 'host', 2222, 'known'],
    ['another port', line('[host]:2222'), 'host', 2223, 'unknown'],
    ['a key known without the port', line('host'), 'host', 2222, 'known'],
    ['other keys known without the port', line('host', other), 'host', 2222, 'unknown'],
    ['IPv6', line('[::1]:2222'), '::1', 2222, 'known'],
    ['another key', line('host', other), 'host', 22, 'changed'],
    ['a key of another type', line('host', other, 'ssh-rsa'), 'host', 22, 'changed'],
    ['two keys', line('host', other) + line('host'), 'host', 22, 'known'],
    ['a hashed name', line(hashed('host')), 'host', 22, 'known'],
    ['a hashed name with port', line(hashed('[host]:2222')), 'host', 2222, 'known'],
    ['another hashed name', line(hashed('hosts')), 'host', 22, 'unknown'],
    ['a hash of another kind', line('|2|AAAA|AAAA'), 'host', 22, 'unknown'],
    ['a revoked key', `@revoked ${line('*')}`, 'host', 22, 'revoked'],
    ['a key both known and revoked', line('host') + `@revoked ${line('*')}`, 'host', 22, 'revoked'],
    ['another revoked key', line('host') + `@revoked ${line('*', other)}`, 'host', 22, 'known'],
    ['an authority', `@cert-authority ${line('host')}`, 'host', 22, 'unknown'],
    ['an unknown marker', `@else ${line('host')}`, 'host', 22, 'unknown'],
    ['a comment', `# ${line('host')}`, 'host', 22, 'unknown'],
    [
      'blank lines, tabs and CRLF',
      `\r\n\n\thost\tssh-ed25519\t${key.toString('base64')}\r\n`,
      'host',
      22,
      'known',
    ],
    ['half a line', 'host ssh-ed25519\n', 'host', 22, 'unknown'],
  ])('%s', (_what, text, host, port, verdict) => {
    const known = new KnownHosts(parseKnownHosts(text, 'known_hosts'));
    expect(known.verdict(host, port, key)).toBe(verdict);
  });
});

test('the types that are known come in their order, without authorities', () => {
  const text =
    line('host', key, 'ssh-rsa') + `@cert-authority ${line('host', key, 'x')}` + line('*', other);
  const known = new KnownHosts(parseKnownHosts(text, 'known_hosts'));
  expect(known.typesFor('host', 22)).toEqual(['ssh-rsa', 'ssh-ed25519']);
  expect(known.placesOf('host', 22)).toEqual(['known_hosts:1', 'known_hosts:3']);
});

test('files that are missing say nothing, folders are a fault', async () => {
  const known = await KnownHosts.read(['/nowhere/known_hosts']);
  expect(known.verdict('host', 22, key)).toBe('unknown');
  await expect(KnownHosts.read(['/'])).rejects.toMatchObject({ kind: 'configuration' });
});
