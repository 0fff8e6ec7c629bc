import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import { systemClock } from '../../src/base/clock';
import { lockRepository } from '../../src/jobs/copies/repositoryLock';
import { copiesSection } from '../../src/report/copiesSection';
import { newsOfCopies } from '../../src/report/newsOfCopies';
import { parseConfiguration } from '../../src/model/configuration/parse';
import { Store } from '../../src/store/store';

const text = '{"servers":{"web":{"protocol":"local","include":["/var"]}}}';
const server = parseConfiguration(text, '/workspace').configuration?.servers.get('web');
const time = '2026-11-23T07:10:00.000Z';
const snapshot = '2026-11-23T07-00-00Z';

it('a copy that failed is told with its reason, and with how far the repository has come', () => {
  if (!server) throw new Error('There is no server.');
  const trouble = { what: 'failed', copy: 'nas', kind: 'connection', message: 'Nobody.' } as const;
  const news = newsOfCopies(server, [{ ...trouble, lastCopied: snapshot }], english);
  expect(news).toMatchObject({ isFailure: true, subject: 'Off-site copy failure: web to nas' });
  expect(news.outline.sections[0]?.lines).toEqual([
    {
      ...{ path: 'nas', kind: 'connection' },
      text: `Nobody. The newest snapshot in the repository is ${snapshot}.`,
    },
  ]);
  expect(news.body).toMatchObject({ event: 'copies', server: 'web', copies: [{ copy: 'nas' }] });
  const damaged = newsOfCopies(server, [trouble, { ...trouble, what: 'damaged' }], english);
  expect(damaged.subject).toBe('Off-site copy damaged: web in nas, nas');
});

it('a report says of each copy how it stands', () => {
  const failed = { kind: 'connection', message: 'Nobody.', time };
  const copied = { snapshot, time };
  const copies = [
    { name: 'nas', copied, proven: { snapshot, time }, failed },
    { name: 'cloud', doubtful: { message: 'a did not come back', time } },
  ];
  expect(copiesSection(copies, english)[0]?.lines.map((line) => line.text)).toEqual([
    `the newest is ${snapshot}; last proven 2026-11-23; failed 2026-11-23: Nobody.`,
    'nothing is in the repository yet; NOT RIGHT since 2026-11-23: a did not come back',
  ]);
  expect(copiesSection([], english)).toEqual([]);
});

it('one waits for the other, and no link is followed to where the locks are', async () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-locks-'));
  const never = new AbortController().signal;
  const take = (server: string): Promise<AsyncDisposable> =>
    lockRepository(new Store(path.join(folder, 'backups'), server), 'nas', systemClock, never);
  try {
    const first = await take('web');
    const order: string[] = [];
    const second = take('mail').then(async (lock) => {
      order.push('second');
      await lock[Symbol.asyncDispose]();
    });
    order.push('first');
    await first[Symbol.asyncDispose]();
    await second;
    expect(order).toEqual(['first', 'second']);
    fs.rmSync(path.join(folder, 'backups/.copies'), { recursive: true });
    fs.mkdirSync(path.join(folder, 'elsewhere'));
    fs.symlinkSync(path.join(folder, 'elsewhere'), path.join(folder, 'backups/.copies'));
    await expect(take('web')).rejects.toMatchObject({ kind: 'configuration' });
    expect(fs.readdirSync(path.join(folder, 'elsewhere'))).toEqual([]);
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
});
