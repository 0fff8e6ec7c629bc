import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { silentLog } from '../../src/base/log';
import {
  restoreAndTell,
  type RestoreAndTellOptions,
  type ToldRestore,
} from '../../src/jobs/restore/restoreAndTell';
import { parseConfiguration } from '../../src/model/configuration/parse';
import type { Server } from '../../src/model/configuration/server';
import { StoreLock } from '../../src/store/lock';
import { mailAccount, startExim } from '../servers/exim';
import { startWebReceiver, type WebReceiver } from '../servers/webReceiver';
import { StoreFixture } from '../store/storeFixture';

let web: WebReceiver;
let fixture: StoreFixture;
let snapshot: string;

beforeEach(async () => {
  web = await startWebReceiver(({ path: called }) => (called.startsWith('/ill') ? 404 : 200));
  fixture = new StoreFixture();
  fixture.server.file('data/one', 'content of one');
  fixture.server.file('data/two', 'content of two');
  snapshot = (await fixture.run()).snapshot;
});

afterEach(async () => {
  fixture[Symbol.dispose]();
  await web[Symbol.asyncDispose]();
});

function server(report: Readonly<Record<string, unknown>>): Server {
  const raw = { protocol: 'local', include: ['/data'], report };
  const file = JSON.stringify({ servers: { test: raw } });
  return parseConfiguration(file, fixture.workspace).configuration!.servers.get('test')!;
}

const hooked = (when: string, hook = '/hook'): Server =>
  server({ when, webhook: web.at(hook), monitor: web.at('/ping') });

function restore(changes: Partial<RestoreAndTellOptions> = {}): Promise<ToldRestore> {
  const nothing = (): Promise<undefined> => Promise.resolve(undefined);
  return restoreAndTell({
    ...{ server: hooked('always'), store: fixture.store, snapshot, paths: [] },
    to: { folder: path.join(fixture.workspace, 'restored') },
    environment: {
      ...{ clock: fixture.clock, log: silentLog, home: fixture.workspace, agent: undefined },
      credentials: {
        password: () => Promise.resolve(mailAccount.password),
        ...{ passphrase: nothing, answers: nothing },
      },
      user: 'nobody',
    },
    signal: new AbortController().signal,
    confirm: () => Promise.resolve(true),
    ...changes,
  });
}

/** The content of one of the files is gone from the snapshot. */
function loseOne(): void {
  fs.rmSync(path.join(fixture.store.layout.snapshot(snapshot), 'data/one'));
}

const elsewhere = (): RestoreAndTellOptions['to'] => ({
  server: hooked('always'),
  store: fixture.store,
});

const paths = (): string[] => web.calls.map(({ path: called }) => called);
const posted = (): Record<string, unknown> =>
  JSON.parse(web.calls.find(({ body }) => body !== '')!.body) as Record<string, unknown>;

/** The one file of such a kind in the store's folder of restores. */
function written(kind: '.json' | '.log'): string {
  const folder = fixture.store.layout.restores;
  const [name, ...others] = fs.readdirSync(folder).filter((one) => one.endsWith(kind));
  expect(others).toEqual([]);
  return fs.readFileSync(path.join(folder, name!), 'utf8');
}

describe('a restore', () => {
  it('that is complete is told, and says so in its log; the monitor waits for backups only', async () => {
    const { outcome, untold } = await restore();
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
    expect(untold).toEqual([]);
    expect(paths()).toEqual(['/hook']);
    expect(posted()).toEqual({
      ...(JSON.parse(written('.json')) as object),
      event: 'restored',
      text: 'Restore success: test, 3 entries written',
    });
    expect(written('.log')).toMatch(/The restore is complete: .*\n.*The webhook at 127\.0\.0\.1:/);
  });

  it.each([
    ['failure', false, []],
    ['failure', true, ['/hook']],
    ['never', true, []],
  ])('is told if `report` says so: %s, something missing: %s', async (when, isMissing, called) => {
    if (isMissing) loseOne();
    const { outcome } = await restore({ server: hooked(when) });
    const status = isMissing ? 'incomplete' : 'complete';
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status } });
    expect(paths()).toEqual(called);
    expect(JSON.parse(written('.json'))).toMatchObject({ status });
  });

  it('that is incomplete says what was not restored', async () => {
    loseOne();
    await restore();
    expect(posted()).toMatchObject({
      text: 'Restore incomplete: test, 2 entries written, 1 not restored',
      status: 'incomplete',
      failed: [{ path: '/data/one', kind: 'changed' }],
      failedCount: 1,
    });
  });

  it('that failed is told with its report, and rejects with its reason', async () => {
    const gone = new BackupError('connection', 'The host is gone.', { scope: 'run' });
    const { outcome, untold } = await restore({
      to: elsewhere(),
      open: () => Promise.reject(gone),
    });
    expect(outcome).toEqual({ status: 'rejected', reason: gone });
    expect(untold).toEqual([]);
    const error = { kind: 'connection', message: 'The host is gone.' };
    expect(posted()).toMatchObject({
      ...{ text: 'Restore failure: test (connection)', status: 'failed', error },
      ...(JSON.parse(written('.json')) as object),
    });
    expect(written('.log')).toContain('The restore failed (connection): The host is gone.');
  });

  it('that nobody wanted, or that could not begin, is not told', async () => {
    const { outcome } = await restore({ confirm: () => Promise.resolve(false) });
    expect(outcome).toMatchObject({ status: 'rejected', reason: { kind: 'cancelled' } });
    await restore({ paths: ['/none'] });
    const { lock } = fixture.store.layout;
    await using _run = StoreLock.acquire(lock, fixture.clock);
    const locked = await restore({ to: elsewhere() });
    expect(locked.outcome).toMatchObject({ status: 'rejected', reason: { kind: 'locked' } });
    expect(paths()).toEqual([]);
  });

  it('is as good if it could not be told, and says what could not be sent', async () => {
    const { outcome, untold } = await restore({ server: hooked('always', '/ill') });
    expect(outcome).toMatchObject({ status: 'fulfilled', value: { status: 'complete' } });
    expect(untold).toMatchObject([{ path: 'report.webhook' }]);
    expect(written('.log')).toMatch(/warn .*404/);
  });

  it('is told by mail, with its log', async () => {
    loseOne();
    await using exim = await startExim();
    const { username } = mailAccount;
    const smtp = { host: '127.0.0.1', port: exim.port, username, ca: exim.caFile };
    const mail = { from: 'backup@example.org', to: 'ops@example.org', smtp };
    const { untold } = await restore({ server: server({ when: 'failure', mail }) });
    expect(untold).toEqual([]);
    await expect.poll(() => exim.rawMails()).toHaveLength(1);
    const [received] = await exim.mails();
    expect(received?.subject).toBe('Restore incomplete: test, 2 entries written, 1 not restored');
    expect(received?.text).toContain('/data/one');
    expect(received?.html).toContain('<code>/data/one</code>');
    const [log] = received?.attachments ?? [];
    expect(log?.filename).toMatch(/^test-restore-.*\.log$/);
    expect(Buffer.from(log?.content as ArrayBuffer).toString()).toContain(
      'Not restored "/data/one"',
    );
  });
});
