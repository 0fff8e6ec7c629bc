import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Server } from '../../src/model/configuration/server';
import type { Environment } from '../../src/sources/environment';
import { openSshSession } from '../../src/sources/ssh/login';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { freePort } from '../servers/serverProcess';
import { Agent } from './agent';
import { never, serverAt, Setting } from './setting';

let server: Openssh;
let setting: Setting;
beforeAll(async () => {
  server = await startOpenssh();
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  setting = new Setting();
  setting.write('known_hosts', server.knownHostsLine());
});
afterEach(() => setting[Symbol.asyncDispose]());

async function logIn(
  to: Openssh,
  more: Partial<Server> = {},
  extra: Partial<Environment> = {},
): Promise<void> {
  const environment = { ...setting.environment, ...extra };
  const session = await openSshSession(serverAt(to.port, more), environment, never);
  const channel = await session.exec('true', never);
  channel.resume();
  await session[Symbol.asyncDispose]();
}

async function failure(attempt: Promise<unknown>): Promise<{ kind?: string; message: string }> {
  return attempt.then(
    () => ({ message: 'it went well' }),
    (error: unknown) => error as { kind?: string; message: string },
  );
}

const passwordOf = (of: Openssh): string => `sftp://sauvegarde-test@127.0.0.1:${of.port}`;

describe('ProxyCommand', () => {
  test('connects as ssh does, with its tokens, and ends with the login', async () => {
    const log = join(setting.home, 'tokens');
    const script = join(setting.home, 'relay');
    execFileSync('sh', ['-c', `cat > ${script}`], {
      input: `echo "$*" > ${log}\necho $$ > ${log}.pid\nexec ${process.execPath} -e 'const s=require("net").connect(+process.argv[1],"127.0.0.1");process.stdin.pipe(s).pipe(process.stdout)' "$2"\n`,
    });
    const alias = `HostKeyAlias [127.0.0.1]:${server.port}`;
    setting.write(
      'config',
      `Host web\n HostName inner.example\n ${alias}\n ProxyCommand sh ${script} %h %p %r %n %%\n`,
    );
    const privateKey = server.writeKey();
    const fingerprint = server.fingerprint();
    await logIn(server, { host: 'web', privateKey, fingerprint });
    expect(execFileSync('cat', [log]).toString()).toBe(
      `inner.example ${server.port} sauvegarde-test web %\n`,
    );
    const pid = Number(execFileSync('cat', [`${log}.pid`]).toString());
    for (let round = 0; round < 200 && existsSync(`/proc/${pid}/cmdline`); round += 1) {
      await sleep(50);
    }
    expect(existsSync(`/proc/${pid}/cmdline`)).toBe(false);
  });

  test('what it complains of and how it ended is said', async () => {
    setting.write('config', 'ProxyCommand sh -c "echo no way through >&2; exit 7"\n');
    const { kind, message } = await failure(logIn(server, { fingerprint: server.fingerprint() }));
    expect(kind).toBe('connection');
    expect(message).toContain('no way through');
    expect(message).toContain('exit code 7');
  });

  test('names that a shell reads otherwise are not given to it', async () => {
    const trap = join(setting.home, 'trap');
    setting.write('config', 'ProxyCommand sh -c "echo %h %r"\n');
    for (const more of [{ host: `a;touch ${trap}` }, { username: `$(touch ${trap})` }]) {
      const { kind } = await failure(logIn(server, more));
      expect(kind).toMatch(/configuration|connection/);
    }
    expect(existsSync(trap)).toBe(false);
  });

  test('a jump host of our own configuration goes before it', async () => {
    const key = server.writeKey();
    setting.write(
      'config',
      `Host 127.0.0.1\n IdentityFile ${key}\nHost web\n HostName 127.0.0.1\n ProxyCommand false\n`,
    );
    const jump = [`sauvegarde-test@127.0.0.1:${server.port}`];
    await logIn(server, { host: 'web', privateKey: key, jump });
  });
});

describe('a server that allows few attempts', () => {
  test.each([1, 2, 3, 6])('MaxAuthTries %i: all keys, then the password', async (most) => {
    await using strict = await startOpenssh({ settings: [`MaxAuthTries ${most}`] });
    setting.write('known_hosts', strict.knownHostsLine());
    const keys = Array.from({ length: 7 }, () => strict.writeKey({ authorised: false }));
    setting.write('config', keys.map((key) => `IdentityFile ${key}\n`).join(''));
    setting.credentials.passwords.set(passwordOf(strict), strict.account.password);
    await logIn(strict);
    // A password is asked for once the keys are through, and sent once.
    expect(setting.credentials.asked).toEqual([passwordOf(strict)]);
  });

  test('the last key is the right one', async () => {
    await using strict = await startOpenssh({ password: false, settings: ['MaxAuthTries 2'] });
    setting.write('known_hosts', strict.knownHostsLine());
    const keys = Array.from({ length: 6 }, () => strict.writeKey({ authorised: false }));
    keys.push(strict.writeKey());
    setting.write('config', keys.map((key) => `IdentityFile ${key}\n`).join(''));
    await logIn(strict);
  });

  test('nothing is right: it comes to an end, and says what was refused', async () => {
    await using strict = await startOpenssh({ settings: ['MaxAuthTries 2'] });
    setting.write('known_hosts', strict.knownHostsLine());
    const keys = Array.from({ length: 4 }, () => strict.writeKey({ authorised: false }));
    setting.write('config', keys.map((key) => `IdentityFile ${key}\n`).join(''));
    setting.credentials.passwords.set(passwordOf(strict), 'wrong');
    const { kind } = await failure(logIn(strict));
    expect(kind).toBe('authentication');
  });
});

describe('an agent with seven keys, none of which is right', () => {
  let agent: Agent;
  let wrong: string[];
  beforeEach(async () => {
    agent = await Agent.start(setting.home);
    setting.agent = agent.socket;
    wrong = Array.from({ length: 7 }, () => server.writeKey({ authorised: false }));
    for (const key of wrong) agent.add(key);
  });
  afterEach(() => agent[Symbol.dispose]());

  test.each([6, 3])('MaxAuthTries %i: then the password, asked for once', async (most) => {
    const settings = [`MaxAuthTries ${most}`, 'LogLevel VERBOSE'];
    await using strict = await startOpenssh({ settings });
    setting.write('known_hosts', strict.knownHostsLine());
    setting.credentials.passwords.set(passwordOf(strict), strict.account.password);
    await logIn(strict);
    expect(setting.credentials.asked).toEqual([passwordOf(strict)]);
    expect(strict.output).toMatch(/Failed publickey/);
  });

  test.each([6, 3])('MaxAuthTries %i: an eighth is', async (most) => {
    const settings = [`MaxAuthTries ${most}`];
    await using strict = await startOpenssh({ password: false, settings });
    setting.write('known_hosts', strict.knownHostsLine());
    agent.add(strict.writeKey());
    await logIn(strict);
  });

  test.each([6, 3])('MaxAuthTries %i: IdentitiesOnly offers what is named', async (most) => {
    const settings = [`MaxAuthTries ${most}`, 'LogLevel VERBOSE'];
    await using strict = await startOpenssh({ settings });
    setting.write('known_hosts', strict.knownHostsLine());
    const right = strict.writeKey();
    agent.add(right);
    setting.write('config', `IdentitiesOnly yes\nIdentityFile ${right}.pub\n`);
    await logIn(strict);
    expect(strict.output).not.toMatch(/Failed publickey/);
    // The agent has an unlocked key at the usual place: it is one of ours.
    setting.write('config', 'IdentitiesOnly yes\n');
    copyFileSync(right, join(setting.home, '.ssh', 'id_ed25519'));
    await logIn(strict);
    expect(strict.output).not.toMatch(/Failed publickey/);
    // None is named that is right: the password comes, and no key of the agent before it.
    rmSync(join(setting.home, '.ssh', 'id_ed25519'));
    setting.credentials.passwords.set(passwordOf(strict), strict.account.password);
    await logIn(strict);
    expect(strict.output).not.toMatch(/Failed publickey/);
  });
});

describe('what a server says', () => {
  /** Says a text instead of speaking ssh. */
  async function talker(text: string): Promise<AsyncDisposable & { port: number }> {
    const port = await freePort();
    const listener = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(text);
    });
    await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
    return { port, [Symbol.asyncDispose]: () => Promise.resolve(void listener.close()) };
  }

  test.each([
    ['Exceeded MaxStartups\r\n', 'too-many-connections', 'Exceeded MaxStartups'],
    ['Not allowed at this time\r\n', 'connection', 'Not allowed at this time'],
    ['\u001b[2JToo many connections\n', 'too-many-connections', String.raw`\x1b[2JToo many`],
  ])('%j in front of the identification', async (text, kind, words) => {
    await using speaking = await talker(text);
    const told = await failure(openSshSession(serverAt(speaking.port), setting.environment, never));
    expect(told.kind).toBe(kind);
    expect(told.message).toContain(words);
  });

  test('a banner reaches the person while the login waits, and the error', async () => {
    const banner = join(server.folder, 'banner');
    execFileSync('sh', [
      '-c',
      `printf 'To sign in, visit https://login.example/a\\033[2J\\n' > ${banner}`,
    ]);
    await using strict = await startOpenssh({ settings: [`Banner ${banner}`] });
    setting.write('known_hosts', strict.knownHostsLine());
    const told: string[] = [];
    const notice = (_address: string, text: string): void => void told.push(text);
    const credentials = {
      ...{
        passphrase: () => Promise.resolve(undefined),
        answers: () => Promise.resolve(undefined),
      },
      // The login waits until the person was told.
      password: async () => {
        for (let round = 0; round < 200 && told.length === 0; round += 1) await sleep(50);
        return 'wrong';
      },
    };
    const { kind, message } = await failure(logIn(strict, {}, { notice, credentials }));
    expect(kind).toBe('authentication');
    expect(told).toEqual([String.raw`To sign in, visit https://login.example/a\x1b[2J`]);
    expect(message).toContain('To sign in, visit https://login.example/a');
  });
});
