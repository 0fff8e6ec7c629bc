import fs from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BackupError, messageOf } from '../../src/base/errors';
import { backUp } from '../../src/jobs/backUp/backUp';
import type { Hooks, Server } from '../../src/model/configuration/server';
import type { RunReport } from '../../src/report/runReport';
import { Store } from '../../src/store/store';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { serverAt, Setting } from './setting';

const setting = new Setting();
let ssh: Openssh;
let folder: string;
let privateKey: string;

beforeAll(async () => {
  ssh = await startOpenssh();
  privateKey = ssh.writeKey();
  folder = fs.mkdtempSync(`${ssh.account.home}/hooks-`);
  fs.chmodSync(folder, 0o777);
  fs.writeFileSync(`${folder}/page`, 'hello');
});

afterAll(async () => {
  fs.rmSync(folder, { recursive: true });
  await ssh[Symbol.asyncDispose]();
  await setting[Symbol.asyncDispose]();
});

interface Ended {
  readonly report?: RunReport;
  readonly error?: unknown;
  readonly log: string;
}

/** A backup of the folder with these commands. */
async function backUpWith(
  hooks: Partial<Hooks>,
  more: Partial<Server> = {},
  signal = new AbortController().signal,
  approve?: () => Promise<void>,
): Promise<Ended> {
  const store = new Store(setting.home, `web-${fs.readdirSync(setting.home).length}`);
  const server = serverAt(ssh.port, {
    ...{ privateKey, fingerprint: ssh.fingerprint(), include: [folder] },
    hooks: { timeout: 5000, ...hooks },
    ...more,
  });
  const options = {
    server,
    store,
    environment: setting.environment,
    signal,
    ...(approve && { approve }),
  };
  const outcome = await backUp(options).then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  );
  const [log] = fs.readdirSync(store.layout.runs).filter((name) => name.endsWith('.log'));
  return { ...outcome, log: fs.readFileSync(`${store.layout.runs}/${log ?? ''}`, 'utf8') };
}

it('runs a command before, so that what it makes is in the backup, and one after', async () => {
  const { report, log } = await backUpWith({
    before: `echo dumping; echo careful >&2; echo data > ${folder}/dump`,
    after: `rm ${folder}/dump; echo cleared away`,
  });
  expect(report).toMatchObject({ status: 'complete', files: 2, warnings: [] });
  expect(fs.existsSync(`${folder}/dump`)).toBe(false);
  for (const line of ['before: dumping', 'before: careful', 'after: cleared away']) {
    expect(log).toContain(line);
  }
});

it('backs up nothing if the command before fails, and says what it printed', async () => {
  const { error, log } = await backUpWith({
    before: 'echo "no such database" >&2; exit 3',
    after: `touch ${folder}/after-a-failure`,
  });
  expect(error).toMatchObject({ kind: 'hook' });
  expect(messageOf(error)).toContain('exit code 3');
  expect(log).toContain('before: no such database');
  expect(fs.existsSync(`${folder}/after-a-failure`)).toBe(false);
});

it('ends a command that takes too long', async () => {
  const { error } = await backUpWith({ before: 'sleep 60', timeout: 300 });
  expect(error).toMatchObject({ kind: 'hook' });
  expect(messageOf(error)).toContain('0.3 seconds');
});

it('keeps the backup if the command after fails, and says so', async () => {
  const { report } = await backUpWith({ after: 'kill -9 $$' });
  expect(report?.status).toBe('complete');
  expect(report?.warnings.map(({ path }) => path)).toEqual(['after']);
  expect(report?.warnings[0]?.message).toContain('ended by a signal');
});

it('clears away also when the backup failed or was cancelled', async () => {
  const after = 'echo cleared away';
  const failed = await backUpWith({ after }, { include: [`${folder}/missing`] });
  expect(failed.error).toMatchObject({ kind: 'not-found' });
  expect(failed.log).toContain('after: cleared away');
  const stop = new AbortController();
  // Five bytes at a byte a second.
  const slow = { bandwidth: [{ from: 0, rate: 1 }] };
  setTimeout(() => stop.abort(), 1500);
  const cancelled = await backUpWith({ after }, slow, stop.signal);
  expect(cancelled.error).toMatchObject({ kind: 'cancelled' });
  expect(cancelled.log).toContain('after: cleared away');
});

it('keeps the log short and harmless, whatever a command prints', async () => {
  const { report, log } = await backUpWith({
    before: String.raw`yes "$(printf 'x%.0s' $(seq 3000))" | head -n 2000; printf '\033[2Jevil\n'`,
  });
  expect(report?.status).toBe('complete');
  expect(log.length).toBeLessThan(700_000);
  expect(log).toContain('the rest of the output is left out');
  expect(log).not.toContain('\u001b');
});

it('runs nothing on the server that is not allowed to run', async () => {
  const { error, log } = await backUpWith(
    { before: `touch ${folder}/not-allowed`, after: `touch ${folder}/not-allowed` },
    {},
    undefined,
    () => Promise.reject(new BackupError('hook', 'not allowed')),
  );
  expect(error).toMatchObject({ kind: 'hook' });
  expect(log).toContain('not allowed');
  expect(fs.existsSync(`${folder}/not-allowed`)).toBe(false);
});
