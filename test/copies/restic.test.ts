import { describe, expect, it } from 'vitest';
import { failureOf } from '../../src/copies/restic/failure';
import { recordsIn } from '../../src/copies/restic/messages';
import { patternOf } from '../../src/copies/restic/patterns';
import { resticVariables } from '../../src/copies/restic/variables';
import { ChosenPaths } from '../../src/jobs/copies/chosenPaths';

describe('what a restic that failed says', () => {
  const question = 'Is there a repository at the following location?\nX';
  it.each([
    // Exit codes since 0.17, with errors in JSON.
    [
      10,
      '{"message_type":"exit_error","code":10,"message":"Fatal: repository does not exist"}',
      'configuration',
    ],
    [
      11,
      '{"message_type":"exit_error","code":11,"message":"Fatal: unable to create lock"}',
      'locked',
    ],
    [12, 'Fatal: wrong password or no key found', 'authentication'],
    [3, '{"message_type":"error","error":{"message":"open x: permission denied"}}', 'permission'],
    // Texts before.
    [1, 'Fatal: wrong password or no key found', 'authentication'],
    [
      1,
      'unable to create lock in backend: repository is already locked by PID 1 on host by root',
      'locked',
    ],
    [
      1,
      `Fatal: unable to open config file: stat x/config: no such file or directory\n${question}`,
      'configuration',
    ],
    [
      1,
      `Fatal: unable to open config file: Head "http://x/config": dial tcp 1.2.3.4:1: connect: connection refused\n${question}`,
      'connection',
    ],
    [
      1,
      `Fatal: unable to open config file: dial tcp: lookup nas: no such host\n${question}`,
      'connection',
    ],
    [
      1,
      'subprocess ssh: ssh: connect to host nas port 22: Connection refused\nFatal: unable to open repository',
      'connection',
    ],
    [
      1,
      'subprocess ssh: Host key verification failed.\nFatal: unable to start the sftp session',
      'host-key',
    ],
    [
      1,
      'subprocess ssh: backup@nas: Permission denied (publickey).\nFatal: unable to start the sftp session, error: EOF',
      'authentication',
    ],
    [
      1,
      'Fatal: unable to open config file: Stat: The AWS Access Key Id you provided does not exist: InvalidAccessKeyId',
      'authentication',
    ],
    [1, 'Save(<data/x>) failed: write x: no space left on device', 'disk-full'],
    [1, 'Fatal: x509: certificate signed by unknown authority', 'certificate'],
    [1, 'Fatal: something nobody has seen', 'protocol'],
  ] as const)('%i %s', (code, error, kind) => {
    expect(failureOf({ code, out: '', error }, 'nas', 'X').kind).toBe(kind);
  });

  it('is on one line, without control characters, and names the copy', () => {
    const { message } = failureOf({ code: 1, out: '', error: 'Fatal: a\x1b[2J\nb' }, 'nas', 'X');
    expect(message).toBe('restic failed (1) for the copy "nas" (X): a\\x1b[2J; b.');
  });
});

it('restic sees its own variables and those of the cloud, and none of our other secrets', () => {
  const parent = {
    ...{
      PATH: '/bin',
      AWS_SECRET_ACCESS_KEY: 'k',
      SAUVEGARDE_PASSWORD: 's',
      RESTIC_PASSWORD_FILE: 'f',
    },
    ...{ RESTIC_REPOSITORY_FILE: 'r', RESTIC_CACHE_DIR: 'c' },
  };
  const seen = resticVariables(parent, 'b2:x:y', 'secret');
  expect(seen).toMatchObject({ RESTIC_PASSWORD: 'secret', RESTIC_REPOSITORY: 'b2:x:y', TZ: 'UTC' });
  expect(seen).toMatchObject({ AWS_SECRET_ACCESS_KEY: 'k', RESTIC_CACHE_DIR: 'c' });
  const names = Object.keys(seen);
  expect(names.filter((name) => /^SAUVEGARDE|_FILE$/.test(name))).toEqual([]);
  // Whoever gives restic its password by a file of theirs is left to it.
  expect(resticVariables(parent, 'b2:x:y', undefined)['RESTIC_PASSWORD_FILE']).toBe('f');
});

it('what is none of our copies is left out of a list', () => {
  const id = 'a'.repeat(64);
  const tags = ['sauvegarde', 'id=2026-11-23T07-00-00Z', 'endpoint=sftp://a%2Cb@h:22'];
  const list = [
    { id, hostname: 'web', tags },
    { id, hostname: 'web', tags: ['sauvegarde', 'id=../../x'] },
    { id: '--help', hostname: 'web', tags },
    { id, hostname: 'web' },
    'x',
  ];
  expect(recordsIn(`created new cache\n${JSON.stringify(list)}`)).toEqual([
    { id, server: 'web', snapshot: '2026-11-23T07-00-00Z', endpoint: 'sftp://a,b@h:22' },
  ]);
  expect(recordsIn('null')).toEqual([]);
});

it('patterns mean the path and nothing else', () => {
  expect(patternOf('var/www/[a]*?\\b')).toBe('/var/www/\\[a\\]\\*\\?\\\\b');
  expect(patternOf('caf\xe9/\xc3\xa9')).toBe('/caf*/é');
});

it('too many paths are stood for by their folders, never by less', () => {
  const chosen = new ChosenPaths();
  expect(chosen.isEmpty).toBe(true);
  for (let index = 0; index < 300; index += 1) chosen.add(`a/b${index % 3}/f${index}`);
  expect(chosen.paths).toHaveLength(300);
  for (let index = 0; index < 300; index += 1) chosen.add(`c/d/g${index}`);
  expect(chosen.paths).toEqual(['a/b0', 'a/b1', 'a/b2', 'c/d']);
  for (let index = 0; index < 500; index += 1) chosen.add(`e${index}`);
  expect(chosen.paths).toBeUndefined();
});
