import { mkdirSync } from 'node:fs';
import { account } from '../servers/account';
import { startOpenssh, type OpensshOptions } from '../servers/openssh';
import { installRsync, startRsyncd } from '../servers/rsyncd';
import type { SourceUnderTest } from './sourceUnderTest';
import { describeSource } from './suite';

async function overSsh(options: OpensshOptions = {}, chroot?: string): Promise<SourceUnderTest> {
  installRsync();
  const server = await startOpenssh(options);
  return {
    password: server.account.password,
    ...(chroot !== undefined && { chroot }),
    connection: {
      protocol: 'rsync',
      host: '127.0.0.1',
      port: server.port,
      username: server.account.name,
      fingerprint: server.fingerprint(),
    },
    withoutNames: [],
    granularity: 0.000001,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function daemon(password: boolean): Promise<SourceUnderTest> {
  const owner = account();
  const server = await startRsyncd({ modules: { home: owner.home }, password });
  return {
    ...(password && { password: owner.password }),
    chroot: owner.home,
    // The module is the first component of every path.
    mountedAt: 'home/',
    connection: {
      protocol: 'rsync',
      via: 'daemon',
      host: '127.0.0.1',
      port: server.port,
      username: owner.name,
    },
    withoutNames: [],
    granularity: 0.000001,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

describeSource('rsync over OpenSSH', async () => ({ ...(await overSsh()), many: 10_000 }));

describeSource('rsync over OpenSSH, rrsync', () => {
  const restricted = '/srv/sauvegarde-rrsync';
  mkdirSync(restricted, { recursive: true, mode: 0o755 });
  return overSsh({ forcedCommand: `/usr/bin/rrsync -ro ${restricted}` }, restricted);
});

describeSource('rsync over OpenSSH, forced command', () =>
  overSsh({ forcedCommand: '/bin/sh -c "eval $SSH_ORIGINAL_COMMAND"' }),
);

describeSource('rsync daemon', async () => ({ ...(await daemon(false)), many: 10_000 }));

describeSource('rsync daemon with a password', () => daemon(true));
