import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { tmpdir } from 'node:os';
import { account } from '../servers/account';
import { startOpenssh, type Openssh, type OpensshOptions } from '../servers/openssh';
import type { FixtureOptions } from './backUpFixture';
import type { SourceUnderTest } from './sourceUnderTest';
import { describeSource } from './suite';

async function underTest(
  options: OpensshOptions,
  login: (server: Openssh) => FixtureOptions & { readonly privateKey?: string },
  many = 1000,
): Promise<SourceUnderTest> {
  const server = await startOpenssh(options);
  const { privateKey, ...secrets } = login(server);
  return {
    ...{ ...secrets, many },
    ...(options.chroot !== undefined && { chroot: options.chroot }),
    connection: {
      protocol: 'sftp',
      host: '127.0.0.1',
      port: server.port,
      username: server.account.name,
      fingerprint: server.fingerprint(),
      privateKey,
    },
    withoutNames: [],
    granularity: 1,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeSource('OpenSSH, password', () =>
  underTest({}, (server) => ({ password: server.account.password }), 10_000),
);

describeSource('OpenSSH, key', () =>
  underTest({ password: false }, (server) => ({ privateKey: server.writeKey() })),
);

describeSource('OpenSSH, agent', async () => {
  const folder = fs.mkdtempSync(path.join(tmpdir(), 'sauvegarde-agent-'));
  const socket = path.join(folder, 'agent');
  const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: 'ignore' });
  while (!fs.existsSync(socket)) await new Promise((resolve) => setTimeout(resolve, 20));
  const source = await underTest({ password: false }, (server) => {
    execFileSync('ssh-add', ['-q', server.writeKey()], {
      env: { ...process.env, SSH_AUTH_SOCK: socket },
    });
    return { agent: socket };
  });
  return {
    ...source,
    async [Symbol.asyncDispose]() {
      await source[Symbol.asyncDispose]();
      agent.kill();
      fs.rmSync(folder, { recursive: true, force: true });
    },
  };
});

describeSource('OpenSSH, internal-sftp in a chroot', () => {
  // Every folder above, and the root itself, must belong to root.
  const chroot = '/srv/sauvegarde-chroot';
  fs.mkdirSync(chroot, { recursive: true, mode: 0o755 });
  return underTest({ chroot }, () => ({ password: account().password }));
});
