import { describe, expect, it } from 'vitest';
import { faultOfRepository } from '../../src/model/configuration/repositoryAddress';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { snapshotsToCopy, type CopyRule } from '../../src/model/copies';

describe('addresses of repositories', () => {
  it.each([
    '/srv/restic',
    'relative/folder',
    '~/copies',
    'C:\\copies',
    'local:/srv/restic',
    'sftp:backup@nas:/srv/restic',
    'sftp:nas:restic',
    'sftp://backup@nas.example.org:2222//srv/restic',
    'sftp://backup@[fe80::1%eth0]:2222/srv',
    'rest:https://backup.example.org:8000/web/',
    'rest:http://user@127.0.0.1:8000/',
    's3:https://s3.example.org/bucket/path',
    's3:s3.amazonaws.com/bucket',
    'b2:bucket:path',
    'azure:container:/',
    'gs:bucket:/path',
    'swift:container:/path',
    'rclone:my drive:backups/web',
  ])('%s is one', (address) => {
    expect(faultOfRepository(address)).toBeUndefined();
  });

  it.each([
    // ssh and rclone would take these for options.
    'sftp:-oProxyCommand=touch${IFS}x:/srv',
    'sftp:user@-oProxyCommand=x:/srv',
    'sftp:-l@nas:/srv',
    'sftp://-oProxyCommand=x/srv',
    'sftp://user@-oProxyCommand=x/srv',
    'rclone:-v:path',
    // rclone would run these.
    'rclone::sftp,ssh="touch x":path',
    'rclone:remote,ssh="touch x":path',
    'rclone::webdav,bearer_token_command="touch x":path',
    'rclone:/local/path',
    // Secrets.
    'rest:https://user:secret@backup.example.org/',
    's3:https://key:secret@s3.example.org/bucket',
    // Others.
    '-r',
    'ftp:host:/path',
    'rest:nowhere',
    'rest:file:///etc',
    'exec:touch x',
    'sftp:',
    'rclone:remote',
  ])('%s is refused', (address) => {
    expect(faultOfRepository(address)).toBeDefined();
  });
});

describe('the field', () => {
  const parse = (copies: unknown, own?: unknown): ReturnType<typeof parseConfiguration> =>
    parseConfiguration(
      JSON.stringify({
        copies,
        servers: {
          web: { protocol: 'local', include: ['/var'], ...(own !== undefined && { copies: own }) },
          mail: { protocol: 'local', include: ['/var'] },
        },
      }),
      '/workspace',
    );
  const nas = { name: 'nas', restic: 'sftp:nas:restic' };

  it('holds for all servers, unless one has its own', () => {
    const own = [{ name: 'disk', restic: '../disk', after: 'daily' }];
    const { configuration } = parse([nas], own);
    const namesOf = (server: string): string[] =>
      (configuration?.servers.get(server)?.copies ?? []).map(({ name }) => name);
    expect([namesOf('web'), namesOf('mail')]).toEqual([['disk'], ['nas']]);
    expect([...(configuration?.copies.keys() ?? [])]).toEqual(['nas', 'disk']);
    expect(configuration?.copies.get('disk')).toEqual({
      ...{ name: 'disk', repository: '/disk', after: 'daily' },
    });
    expect(parse([nas], []).configuration?.servers.get('web')?.copies).toBeUndefined();
  });

  it.each([
    [[{ name: 'nas' }], 'copies.0.restic is missing'],
    [[{ ...nas, resti: 'x' }], 'Did you mean "restic"?'],
    [[{ ...nas, restic: 'rclone::sftp,ssh=x:y' }], 'as restic names it, without a password in it'],
    [[{ ...nas, name: '../x' }], 'a name of letters, digits'],
    [[nas, { ...nas, restic: 'b2:other:x' }], 'a name that no other repository has'],
    [[nas, nas], 'a name that no other repository has'],
    [[{ ...nas, rehearse: 'often' }], 'one of "daily", "weekly"'],
    [nas, 'a list of copies such as'],
  ])('%j has a fault that says what is accepted', (copies, words) => {
    expect(
      parse(copies)
        .faults.map(({ message }) => message)
        .join('\n'),
    ).toContain(words);
  });

  it('a name stands for one repository in the whole file', () => {
    const faults = parse([nas], [{ ...nas, restic: 'b2:other:x' }]).faults;
    expect(faults.map(({ field }) => field)).toEqual(['servers.web.copies.0.name']);
    expect(parse([nas], [nas]).faults).toEqual([]);
  });
});

describe('which snapshots are copied', () => {
  const day = (date: number, hour = 7): string =>
    `2026-11-${String(date).padStart(2, '0')}T${String(hour).padStart(2, '0')}-00-00Z`;
  const rule: CopyRule = {
    ...{ pace: 'each', keep: undefined, timeZone: 'UTC' },
    now: Date.parse('2026-11-30T12:00:00Z'),
  };
  const all = [day(1), day(2), day(3), day(3, 9), day(4)];

  it.each<[string, string[], Partial<CopyRule>, string[]]>([
    ['at first the newest', [], {}, [day(4)]],
    ['then all that came since, oldest first', [day(2)], {}, [day(3), day(3, 9), day(4)]],
    ['nothing where all is there', [day(4)], {}, []],
    ['one of each day', [day(2)], { pace: 'daily' }, [day(3, 9), day(4)]],
    ['none of a day that has one', [day(3)], { pace: 'daily' }, [day(4)]],
    ['not what would be removed at once', [day(1)], { keep: { last: 2 } }, [day(3, 9), day(4)]],
  ])('%s', (_what, copied, changes, expected) => {
    expect(snapshotsToCopy([...all].reverse(), copied, { ...rule, ...changes })).toEqual(expected);
  });

  it('the day is that of the time zone', () => {
    const late = '2026-11-03T23-30-00Z';
    const paced = { ...rule, pace: 'daily' as const };
    expect(snapshotsToCopy([late], [day(3)], paced)).toEqual([]);
    expect(snapshotsToCopy([late], [day(3)], { ...paced, timeZone: 'Europe/Paris' })).toEqual([
      late,
    ]);
  });
});
