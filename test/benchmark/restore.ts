import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join, resolve } from 'node:path';
import { account } from '../servers/account';
import { DelayProxy } from '../servers/delayProxy';
import type { RunningFtpServer } from '../servers/ftpServerOptions';
import { startOpenssh } from '../servers/openssh';
import { startProftpd } from '../servers/proftpd';
import { startPureFtpd } from '../servers/pureFtpd';
import { startVsftpd } from '../servers/vsftpd';
import { makeSmall } from './dataSets';
import { measure, median, type Cost } from './measure';
import { links, type LinkName } from './places';

/** What a configuration says of a server. */
type Connection = Readonly<Record<string, unknown>>;

interface Running extends AsyncDisposable {
  /** Its ports, control port first. */
  readonly ports: readonly number[];
  readonly connection: Connection;
}

const servers: Readonly<Record<string, () => Promise<Running>>> = {
  OpenSSH: async () => {
    const server = await startOpenssh();
    const key = { privateKey: server.writeKey(), fingerprint: server.fingerprint() };
    const connection = { protocol: 'sftp', port: server.port, ...key };
    const close = (): Promise<void> => server[Symbol.asyncDispose]();
    return { ports: [server.port], connection, [Symbol.asyncDispose]: close };
  },
  vsftpd: async () => overFtp(await startVsftpd({ writable: true })),
  ProFTPD: async () => overFtp(await startProftpd({ writable: true })),
  'Pure-FTPd': async () => overFtp(await startPureFtpd({ writable: true })),
};

function overFtp(server: RunningFtpServer): Running {
  const { first, last } = server.passivePorts;
  const passive = Array.from({ length: last - first + 1 }, (_none, index) => first + index);
  return {
    ports: [server.port, ...passive],
    connection: { protocol: 'ftp', port: server.port },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * A data set backed up from a server, removed there, and restored to it, in turn. The ratio is the time of
 * the backup to the time of the restore: above 1 the restore is faster.
 */
export async function measureRestore(
  folder: string,
  rounds: number,
): Promise<Record<string, unknown>[]> {
  const rows = [];
  const place = join(folder, 'local');
  rows.push(await rowOf('local', 'loopback', 10_000, place, rounds, { protocol: 'local' }));
  for (const [name, start] of Object.entries(servers)) {
    for (const [link, files] of [
      ['loopback', 10_000],
      ['40ms', 2000],
    ] as const) {
      await using server = await start();
      await using proxy = links[link] === 0 ? undefined : new DelayProxy(links[link]);
      await proxy?.listen(server.ports);
      const host = proxy?.host ?? '127.0.0.1';
      const connection = { host, username: account().name, connections: 8, ...server.connection };
      rows.push(
        await rowOf(name, link, files, join(folder, `${name}-${link}`), rounds, connection),
      );
    }
  }
  return rows;
}

async function rowOf(
  server: string,
  link: LinkName,
  files: number,
  folder: string,
  rounds: number,
  connection: Connection,
): Promise<Record<string, unknown>> {
  const data = join(folder, 'data');
  makeSmall(data, files);
  const { uid, gid } = account();
  execFileSync('chown', ['-R', `${uid}:${gid}`, data]);
  const backups: Cost[] = [];
  const restores: Cost[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const workspace = join(folder, `workspace-${round}`);
    mkdirSync(join(workspace, '.vscode'), { recursive: true });
    const configuration = { servers: { bench: { ...connection, include: [data] } } };
    writeFileSync(join(workspace, '.vscode/sauvegarde.json'), JSON.stringify(configuration));
    backups.push(await run('backup', workspace));
    for (const one of readdirSync(data)) rmSync(join(data, one), { recursive: true });
    const [id = ''] = readdirSync(join(workspace, 'backups/bench')).filter((one) => /^2/.test(one));
    restores.push(await run('restore', workspace, 'bench', id, '--to-server', '--yes'));
    rmSync(workspace, { recursive: true, force: true });
  }
  const there = execFileSync('find', [data, '-type', 'f']).toString();
  if (there.split('\n').length !== files + 1) throw new Error(`${server}: not all is restored`);
  rmSync(folder, { recursive: true, force: true });
  const wall = (costs: readonly Cost[]): number => median(costs.map((cost) => cost.wall));
  const ratios = backups.map((cost, round) => cost.wall / (restores[round]?.wall ?? Number.NaN));
  const row = {
    ...{ server, link, files, 'backup s': wall(backups), 'restore s': wall(restores) },
    ratio: Math.round(100 * median(ratios)) / 100,
    load: Math.round(10 * (loadavg()[0] ?? 0)) / 10,
  };
  console.table([row]);
  return row;
}

function run(command: string, workspace: string, ...args: readonly string[]): Promise<Cost> {
  const all = [resolve('dist/cli.js'), command, ...args, '--json', '-C', workspace];
  const { password } = account();
  return measure(process.execPath, all, { ...process.env, SAUVEGARDE_PASSWORD: password });
}
