import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { account } from '../servers/account';
import { startOpenssh } from '../servers/openssh';
import { CommandLine } from './commandLine';

/** An account of its own: its crontab is nobody else's. */
const owner = account('sauvegarde-cron');
const others = '# mine\nMAILTO=me@example.org\n5 4 * * * /usr/local/bin/other 100\\%\n';

function crontab(args: readonly string[], input?: string): string {
  const stdio = 'pipe' as const;
  const options = { stdio, encoding: 'utf8' as const, ...(input !== undefined && { input }) };
  return execFileSync('crontab', ['-u', owner.name, ...args], options);
}

/** A workspace folder of the account, with a local server. */
function workspace(schedule = '0 7 * * *'): CommandLine {
  const line = new CommandLine();
  const data = path.join(line.workspace, 'data');
  fs.mkdirSync(data);
  fs.writeFileSync(path.join(data, 'page'), 'hello');
  line.configureServer({ protocol: 'local', include: [data], schedule });
  execFileSync('chown', ['-R', owner.name, line.workspace]);
  return line;
}

function snapshotsOf(line: CommandLine): string[] {
  const folder = path.join(line.backups, 'web', '.sauvegarde', 'snapshots');
  return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
}

describe('a real crontab', () => {
  const as = { uid: owner.uid };

  afterEach(() => crontab(['-'], others));

  it('gets, shows and loses our lines, and keeps all others', async () => {
    using line = workspace();
    crontab(['-'], others);
    const installed = await line.run(['schedule', 'install', '--with', 'crontab'], as);
    expect(installed.error).toBe('');
    expect(installed.code).toBe(0);
    expect(installed.out).toContain('web: At 07:00, every day, in crontab; next 2');
    expect(crontab(['-l']).startsWith(others)).toBe(true);
    const shown = await line.run(['schedule', 'show', '--with', 'crontab', '--json'], as);
    expect(shown.events).toMatchObject([
      { event: 'schedule', server: 'web', schedule: '0 7 * * *', installed: true },
    ]);
    const again = await line.run(['schedule', 'install', '--with', 'crontab'], as);
    expect(again.code).toBe(0);
    expect(crontab(['-l']).match(/^0 7 /gm)).toHaveLength(1);
    const removed = await line.run(['schedule', 'remove', '--with', 'crontab'], as);
    expect(removed.out).toContain('Removed: web.');
    expect(crontab(['-l'])).toBe(others);
    const gone = await line.run(['schedule', 'show', '--with', 'crontab', '--json'], as);
    expect(gone.events).toMatchObject([{ server: 'web', installed: false }]);
  });

  it('has a line that backs up what is due, and nothing twice', async () => {
    using line = workspace();
    await line.run(['schedule', 'install', '--with', 'crontab'], as);
    const [job = ''] = crontab(['-l']).match(/^0 7 .*$/m) ?? [];
    const command = job
      .split(' ')
      .slice(5)
      .join(' ')
      .replaceAll(String.raw`\%`, '%');
    // As cron runs it: with next to nothing in the environment, elsewhere.
    const environment = { HOME: line.home, PATH: '/usr/bin:/bin' };
    for (let time = 0; time < 2; time += 1) {
      execFileSync('/bin/sh', ['-c', command], { env: environment, cwd: '/', uid: owner.uid });
      expect(snapshotsOf(line)).toHaveLength(1);
    }
  });

  it('is told where the secrets are, and never the secrets', async () => {
    using line = workspace();
    await using ssh = await startOpenssh();
    const file = path.join(line.home, 'it is secret');
    fs.writeFileSync(file, owner.password, { mode: 0o600 });
    fs.chownSync(file, owner.uid, owner.gid);
    const server = { protocol: 'sftp', host: '127.0.0.1', port: ssh.port, include: ['/etc/hosts'] };
    const login = { username: owner.name, fingerprint: ssh.fingerprint(), schedule: '@daily' };
    line.configureServer({ ...server, ...login });
    const without = await line.run(['schedule', 'install', '--with', 'crontab'], {
      ...as,
      env: { SAUVEGARDE_PASSWORD: owner.password },
    });
    expect(without.code).toBe(0);
    expect(without.error).toContain('web: will not run without you');
    const args = ['schedule', 'install', '--with', 'crontab', '--password-file', file];
    expect((await line.run(args, as)).error).toBe('');
    expect(crontab(['-l'])).toContain(`--password-file '${file}'`);
    expect(crontab(['-l'])).not.toContain(owner.password);
  });

  it('says what is wrong without a schedule, and for an unknown scheduler', async () => {
    using line = workspace();
    const config = JSON.parse(fs.readFileSync(line.configurationFile, 'utf8')) as {
      servers: { web: { schedule?: string } };
    };
    delete config.servers.web.schedule;
    line.configure(config);
    const none = await line.run(['schedule', 'install', '--with', 'crontab'], as);
    expect(none.code).toBe(2);
    expect(none.error).toContain('No server has a schedule');
    expect((await line.run(['schedule', 'install', '--with', 'at'])).code).toBe(2);
  });
});

describe('systemd', () => {
  it('gets its unit files, is told of them, and loses them again', async () => {
    using line = workspace('0 7 * * MON-FRI');
    const tools = path.join(line.workspace, 'tools');
    const calls = path.join(line.workspace, 'calls');
    fs.mkdirSync(tools);
    // No instance of systemd runs for the tests: what it is told is written down.
    const script = `#!/bin/sh\necho "$@" >> '${calls}'\n`;
    fs.writeFileSync(path.join(tools, 'systemctl'), script, { mode: 0o755 });
    const configuration = path.join(line.workspace, 'xdg');
    const units = path.join(configuration, 'systemd', 'user');
    fs.mkdirSync(units, { recursive: true });
    fs.writeFileSync(path.join(units, 'other.timer'), 'of somebody else');
    const env = { PATH: `${tools}:${process.env['PATH'] ?? ''}`, XDG_CONFIG_HOME: configuration };
    const run = (name: string) => line.run(['schedule', name, '--with', 'systemd'], { env });
    const installed = await run('install');
    expect(installed.error).toBe('');
    expect(installed.out).toContain('loginctl enable-linger');
    const [service = '', timer = ''] = fs
      .readdirSync(units)
      .filter((name) => name.startsWith('sauvegarde-'))
      .sort();
    expect(fs.readFileSync(path.join(units, timer), 'utf8')).toContain(
      'OnCalendar=Mon,Tue,Wed,Thu,Fri *-*-* 07:00:00\n',
    );
    expect(fs.readFileSync(path.join(units, service), 'utf8')).toContain('"--if-due"');
    expect((await run('show')).out).toContain('in systemd');
    expect((await run('remove')).out).toContain('Removed: web.');
    expect(fs.readdirSync(units)).toEqual(['other.timer']);
    expect(fs.readFileSync(calls, 'utf8').trim().split('\n')).toEqual([
      '--user daemon-reload',
      `--user enable ${timer}`,
      `--user restart ${timer}`,
      `--user disable --now ${timer}`,
      '--user daemon-reload',
    ]);
  });
});

describe('backup --if-due', () => {
  it('runs what is due once, and again when it is due again', async () => {
    using line = workspace();
    const own = path.join(line.backups, 'web', '.sauvegarde');
    expect((await line.run(['backup', '--if-due', '--json'])).events).toHaveLength(1);
    expect((await line.run(['backup', '--if-due', '--json'])).events).toEqual([]);
    // The same run, a week ago: it is due again.
    const runs = path.join(own, 'runs');
    const [report = ''] = fs.readdirSync(runs).filter((name) => name.endsWith('.json'));
    const old = '2026-01-01T00-00-00Z';
    const text = fs.readFileSync(path.join(runs, report), 'utf8');
    fs.rmSync(path.join(runs, report));
    const aged = text.replace(/"started": "[^"]*"/, '"started": "2026-01-01T00:00:00.000Z"');
    fs.writeFileSync(path.join(runs, `${old}.json`), aged);
    expect((await line.run(['backup', '--if-due', '--json'])).events).toHaveLength(1);
    expect(snapshotsOf(line)).toHaveLength(2);
  });
});
