import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { afterAll, describe, expect, it } from 'vitest';
import { BackupError } from '../../src/base/errors';
import { schedulerEnvironment } from '../../src/cli/schedulers/schedulerEnvironment';
import { TerminalCredentials, type SecretOptions } from '../../src/cli/terminalCredentials';
import { startOpenssh } from '../servers/openssh';
import { CommandLine } from './commandLine';

const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-secrets-'));
afterAll(() => fs.rmSync(folder, { recursive: true }));

const endpoint = 'sftp://me@web:22';
function credentials(options: SecretOptions, env: NodeJS.ProcessEnv = {}): TerminalCredentials {
  const context = { env: { PATH: process.env['PATH'], ...env }, options, interactive: false };
  return new TerminalCredentials('web', endpoint, context);
}

function file(content: Buffer): string {
  const name = path.join(folder, `secret-${fs.readdirSync(folder).length}`);
  fs.writeFileSync(name, content, { mode: 0o600 });
  return name;
}

const secret = 'pä$$ wörd €';
const big = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();
const forms: readonly (readonly [string, Buffer])[] = [
  ['UTF-8', Buffer.from(`${secret}\n`)],
  ['no end of line', Buffer.from(secret)],
  ['CRLF', Buffer.from(`${secret}\r\nmore\r\n`)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${secret}\r\n`)],
  ['UTF-16 LE, as Windows PowerShell writes', Buffer.from(`\ufeff${secret}\r\n`, 'utf16le')],
  ['UTF-16 BE', big(`\ufeff${secret}\r\n`)],
  ['UTF-16 LE without a mark', Buffer.from(`${secret}\r\n`, 'utf16le')],
  ['UTF-16 BE without a mark', big(`${secret}\n`)],
];

describe.each(forms)('%s', (_what, content) => {
  it('in a file', async () => {
    expect(await credentials({ passwordFile: file(content) }).password(endpoint)).toBe(secret);
  });

  it('from a command', async () => {
    const passwordCommand = `cat '${file(content)}'`;
    expect(await credentials({ passwordCommand }).password(endpoint)).toBe(secret);
  });
});

it('Latin-1, which is no UTF-8', async () => {
  const passwordFile = file(Buffer.from('p\u00e4ss\n', 'latin1'));
  expect(await credentials({ passwordFile }).password(endpoint)).toBe('päss');
});

it('a command that prints nothing is no empty password', async () => {
  const asked = credentials({ passwordCommand: 'true' }).password(endpoint);
  await expect(asked).rejects.toMatchObject({ kind: 'configuration' });
});

describe('jump hosts', () => {
  const gate = 'ssh://ops@gate.example.org:2222';
  const own = { SAUVEGARDE_PASSWORD: 'of the server' };

  it('never get the password of the server', async () => {
    const passwordFile = file(Buffer.from('of the server'));
    const asked = credentials({ passwordFile, passwordCommand: 'echo of the server' }, own);
    expect(await asked.password(gate)).toBeUndefined();
  });

  it.each([
    [{ SAUVEGARDE_JUMP_PASSWORD: 'a' }, {}, 'a'],
    [{ SAUVEGARDE_JUMP_PASSWORD: 'a', SAUVEGARDE_JUMP_PASSWORD_GATE_EXAMPLE_ORG: 'b' }, {}, 'b'],
    [{ SAUVEGARDE_JUMP_PASSWORD_OTHER: 'b' }, {}, undefined],
    [{}, { jumpPasswordFile: 'c' }, 'c'],
    [{}, { jumpPasswordCommand: 'echo "d for $SAUVEGARDE_ENDPOINT"' }, `d for ${gate}`],
    [{ SAUVEGARDE_JUMP_PASSWORD: 'a' }, { jumpPasswordFile: 'c' }, 'a'],
  ])('have names of their own: %j %j', async (env, options: SecretOptions, expected) => {
    const { jumpPasswordFile } = options;
    const written =
      jumpPasswordFile === undefined
        ? options
        : { jumpPasswordFile: file(Buffer.from(`${jumpPasswordFile}\n`)) };
    const asked = credentials(written, { ...own, ...env });
    expect(await asked.password(gate)).toBe(expected);
    expect(await asked.password(endpoint)).toBe('of the server');
  });

  it('are passed without a person, and the system is told the same', async () => {
    await using jump = await startOpenssh();
    await using inner = await startOpenssh();
    using line = new CommandLine();
    fs.writeFileSync(
      path.join(line.home, '.ssh', 'known_hosts'),
      jump.knownHostsLine() + inner.knownHostsLine(),
    );
    const { name, password } = inner.account;
    line.configureServer({
      ...{ protocol: 'sftp', host: '127.0.0.1', port: inner.port, username: name },
      jump: [`${name}@127.0.0.1:${jump.port}`],
      include: ['/etc/hosts'],
    });
    const without = await line.run(['check'], { env: { SAUVEGARDE_PASSWORD: password } });
    expect(without.code).toBe(1);
    const jumpFile = file(Buffer.from(`\ufeff${password}\r\n`, 'utf16le'));
    const args = ['check', '--jump-password-file', jumpFile];
    const checked = await line.run(args, { env: { SAUVEGARDE_PASSWORD: password } });
    expect(checked.error).toBe('');
    expect(checked.code).toBe(0);
  });
});

describe('the environment of a scheduler', () => {
  it('has nothing of this terminal', async () => {
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    fs.writeFileSync(path.join(bin, 'my-pass'), '#!/bin/sh\necho secret\n', { mode: 0o755 });
    const terminal = { PATH: `${bin}:${process.env['PATH'] ?? ''}` };
    const options = { passwordCommand: 'my-pass' };
    expect(await credentials(options, terminal).password(endpoint)).toBe('secret');
    for (const name of ['crontab', 'systemd', 'launchd'] as const) {
      const env = schedulerEnvironment(name);
      const context = { env, options, interactive: false };
      const asked = new TerminalCredentials('web', endpoint, context).password(endpoint);
      const error = await asked.catch((caught: unknown) => caught);
      expect(error).toBeInstanceOf(BackupError);
      expect((error as BackupError).message).toContain('was not found');
      expect((error as BackupError).message).toContain(`PATH is ${env['PATH'] ?? ''}`);
      expect(env['SSH_AUTH_SOCK']).toBeUndefined();
    }
  });

  it('is what schedule install tries the command in, though the server cannot be reached', async () => {
    using line = new CommandLine();
    const bin = path.join(line.workspace, 'bin');
    const xdg = path.join(line.workspace, 'xdg');
    fs.mkdirSync(bin);
    for (const [name, text] of Object.entries({ 'my-pass': 'echo secret', systemctl: 'true' })) {
      fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    }
    line.configureServer({
      ...{ protocol: 'sftp', host: '127.0.0.1', port: 1, username: 'me' },
      ...{ include: ['/etc/hosts'], schedule: '@daily' },
    });
    const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: xdg };
    const install = (command: string) =>
      line.run(['schedule', 'install', '--with', 'systemd', '--password-command', command], {
        env,
      });
    const bare = await install('my-pass');
    expect(bare.error).toContain('web: will not run without you');
    expect(bare.error).toContain('full paths');
    expect((await install(path.join(bin, 'my-pass'))).error).not.toContain('will not run');
    expect((await install('test -n "$SSH_AUTH_SOCK" && echo secret')).error).toContain(
      'will not run',
    );
  });
});
