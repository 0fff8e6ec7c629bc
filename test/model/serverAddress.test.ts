import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseServerAddress } from '../../src/model/configuration/serverAddress';

describe('an address in one line', () => {
  it.each([
    [
      'sftp://deploy@www.example.org:2222/var/www',
      {
        protocol: 'sftp',
        host: 'www.example.org',
        port: 2222,
        username: 'deploy',
        include: ['/var/www'],
      },
    ],
    ['  SFTP://www.example.org:22/ ', { protocol: 'sftp', host: 'www.example.org', include: [] }],
    [
      'ssh://[2001:db8::1]:2022',
      { protocol: 'sftp', host: '2001:db8::1', port: 2022, include: [] },
    ],
    ['ftps://a.example/', { protocol: 'ftps', host: 'a.example', include: [] }],
    ['ftps://a.example:990', { protocol: 'ftps', tls: 'implicit', host: 'a.example', include: [] }],
    ['ftp://a.example/pub/x/', { protocol: 'ftp', host: 'a.example', include: ['/pub/x'] }],
    [
      'rsync://nas:8730/pages/www',
      { protocol: 'rsync', via: 'daemon', host: 'nas', port: 8730, include: ['/pages/www'] },
    ],
    ['rsync+ssh://nas/srv', { protocol: 'rsync', host: 'nas', include: ['/srv'] }],
    [
      'deploy@host:/var/www',
      { protocol: 'sftp', host: 'host', username: 'deploy', include: ['/var/www'] },
    ],
    ['box', { protocol: 'sftp', host: 'box', include: [] }],
    ['me@box:2022', { protocol: 'sftp', host: 'box', port: 2022, username: 'me', include: [] }],
    ['www.example.org', { host: 'www.example.org', include: [] }],
    ['www.example.org:22', { host: 'www.example.org', port: 22, include: [] }],
    ['sftp://host:2022/a@b', { protocol: 'sftp', host: 'host', port: 2022, include: ['/a@b'] }],
    ['/mnt/nas/', { protocol: 'local', include: ['/mnt/nas'] }],
    ['file:///mnt/my%20nas', { protocol: 'local', include: ['/mnt/my nas'] }],
    [String.raw`D:\sites`, { protocol: 'local', include: [String.raw`D:\sites`] }],
  ])('%s', (text, fields) => {
    expect(parseServerAddress(text, ['box'])).toEqual({ fields });
  });

  it('may bring a password, which is kept apart', () => {
    const address = parseServerAddress('ftp://me%40example.org:p%3Aa/s%40s@host/x');
    expect(address).toBeUndefined();
    expect(parseServerAddress('ftp://me%40example.org:p%3As%40s@host/x')).toEqual({
      fields: { protocol: 'ftp', host: 'host', username: 'me@example.org', include: ['/x'] },
      password: 'p:s@s',
    });
  });

  it.each([
    '',
    ' ',
    'http://www.example.org',
    'sftp://',
    'sftp://@/x',
    'a b',
    'file://host',
    'ftp://%zz@h',
  ])('"%s" is none', (text) => {
    expect(parseServerAddress(text)).toBeUndefined();
  });

  it('takes apart what it is put together from', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9._~%@:/ é-]{1,12}$/);
    const host = fc.stringMatching(/^[a-z0-9](?:[a-z0-9.-]{0,10}[a-z0-9])?$/);
    const names = fc.array(fc.stringMatching(/^[A-Za-z0-9 %é#?-]{1,8}$/), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(
        word,
        host,
        fc.integer({ min: 23, max: 65_535 }),
        names,
        (user, at, port, path) => {
          const folder = `/${path.join('/')}`;
          const address = `sftp://${encodeURIComponent(user)}@${at}:${port}${encodeURI(folder).replaceAll(/[?#]/g, encodeURIComponent)}`;
          expect(parseServerAddress(address)?.fields).toEqual({
            ...{ protocol: 'sftp', host: at, port, username: user, include: [folder] },
          });
        },
      ),
    );
  });

  it('ends in no time, whatever is typed', () => {
    fc.assert(fc.property(fc.string({ maxLength: 2000 }), (text) => void parseServerAddress(text)));
    expect(parseServerAddress(`sftp://${'a:'.repeat(50_000)}`)).toBeUndefined();
  });
});
