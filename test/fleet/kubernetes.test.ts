import fs from 'node:fs';
import path from 'node:path';
import { CronJob } from 'kubernetes-models/batch/v1/CronJob';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { PersistentVolumeClaim } from 'kubernetes-models/v1/PersistentVolumeClaim';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { CommandLine } from '../cli/commandLine';
import { account } from '../servers/account';
import { startOpenssh, type Openssh } from '../servers/openssh';
import { runInContainer } from './imageRoot';

const kinds = { CronJob, ConfigMap, PersistentVolumeClaim } as const;

type Exported = ConfigMap | PersistentVolumeClaim | CronJob;

/** The objects of a YAML text, each checked by the schema of Kubernetes. */
function objectsOf(text: string): Exported[] {
  return parseAllDocuments(text, { version: '1.1' }).map((document) => {
    expect(document.errors).toEqual([]);
    const value = document.toJS() as { kind: keyof typeof kinds };
    const object = new kinds[value.kind](value as never);
    object.validate();
    return object;
  });
}

const jobsIn = (objects: readonly Exported[]): CronJob[] =>
  objects.filter((one): one is CronJob => one.kind === 'CronJob');

function withServers(line: CommandLine, servers: Readonly<Record<string, object>>): void {
  line.configure({ servers });
}

const site = { protocol: 'sftp', host: 'www.example.org', include: ['/var/www'] };
const daily = { ...site, schedule: '0 7 * * *' };

async function exported(line: CommandLine, ...options: string[]): Promise<Exported[]> {
  const { code, out, error } = await line.run(['schedule', 'export', 'kubernetes', ...options]);
  expect({ code, error }).toEqual({ code: 0, error: '' });
  return objectsOf(out);
}

describe('the export for Kubernetes', () => {
  it('has a store and a job for each server with a schedule, and the configuration once', async () => {
    using line = new CommandLine();
    const text = `{ // "yes": no, 07:00 | # é 漢 \u{1F600}\n\t"servers": ${JSON.stringify({
      'web-prod': { ...daily, timeZone: 'Europe/Paris' },
      Shop_2: daily,
      'by-hand': site,
    })}\n}\n\n`;
    line.configure(text);
    const objects = await exported(
      line,
      '--namespace',
      'backups',
      '--storage',
      '5G',
      '--image',
      'r.example/s:1',
    );
    expect(objects.map(({ kind }) => kind)).toEqual([
      'ConfigMap',
      ...['PersistentVolumeClaim', 'CronJob', 'PersistentVolumeClaim', 'CronJob'],
    ]);
    expect((objects[0] as ConfigMap).data?.['sauvegarde.json']).toBe(text);
    expect(objects.map(({ metadata }) => metadata?.namespace)).toEqual(Array(5).fill('backups'));
    const [first, second] = jobsIn(objects);
    expect(first!.spec).toMatchObject({ timeZone: 'Europe/Paris', concurrencyPolicy: 'Forbid' });
    expect(second!.spec!.timeZone).toBe(Intl.DateTimeFormat().resolvedOptions().timeZone);
    expect(first!.spec!.schedule).not.toBe(second!.spec!.schedule);
    const pod = first!.spec!.jobTemplate.spec!.template.spec!;
    expect(pod).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(pod.containers[0]).toMatchObject({
      image: 'r.example/s:1',
      securityContext: {
        ...{ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true },
        capabilities: { drop: ['ALL'] },
      },
    });
    const claim = objects[1] as PersistentVolumeClaim;
    expect(claim.spec!.resources!.requests).toEqual({ storage: '5G' });
    expect(pod.volumes).toContainEqual({
      name: 'store',
      persistentVolumeClaim: { claimName: claim.metadata!.name },
    });
  });

  it('asks for what the last runs needed', async () => {
    using line = new CommandLine();
    const data = path.join(line.workspace, 'data');
    fs.mkdirSync(data);
    fs.writeFileSync(path.join(data, 'page'), 'x');
    const copies = [{ name: 'usb', restic: '/media/usb', after: 'never' }];
    line.configureServer({ protocol: 'local', include: [data], schedule: '0 7 * * *', copies });
    const before = await line.run(['schedule', 'export', 'kubernetes']);
    expect(before.error).toContain(`${data} is on this computer`);
    expect(before.error).toContain('/media/usb is on this computer');
    expect(jobsIn(objectsOf(before.out))[0]!.spec!.jobTemplate.spec).toMatchObject({
      activeDeadlineSeconds: 86_400,
    });
    expect((await line.run(['backup'])).code).toBe(0);
    const { out } = await line.run(['schedule', 'export', 'kubernetes']);
    const { spec } = jobsIn(objectsOf(out))[0]!.spec!.jobTemplate;
    expect(spec).toMatchObject({ activeDeadlineSeconds: 21_600 });
    expect(spec!.template.spec!.containers[0]!.resources).toEqual({
      requests: { cpu: '100m', memory: '256Mi' },
      limits: { memory: '640Mi' },
    });
  });

  it('exports the servers that are named, at the times that they have among all', async () => {
    using line = new CommandLine();
    withServers(line, { a: daily, b: daily, c: site });
    const all = jobsIn(await exported(line));
    const [only, ...others] = jobsIn(await exported(line, '--server', 'b'));
    expect(others).toEqual([]);
    expect(only!.spec!.schedule).toBe(all[1]!.spec!.schedule);
    const { code, error } = await line.run(['schedule', 'export', 'kubernetes', '--server', 'c']);
    expect(code).toBe(2);
    expect(error).toContain('c has no schedule.');
  });

  it.each([
    [['--namespace', 'Back Ups'], 'small letters'],
    [['--storage', '20 gigabytes'], 'such as 20Gi'],
    [['--server', 'x'], 'There is no server "x"'],
  ])('refuses %s', async (options, why) => {
    using line = new CommandLine();
    withServers(line, { a: daily });
    const { code, error } = await line.run(['schedule', 'export', 'kubernetes', ...options]);
    expect(code).toBe(2);
    expect(error).toContain(why);
  });

  it.each([
    ['systemd', 2, /^\[Unit\]\n/],
    ['cron', 1, /^# BEGIN sauvegarde /],
    ['launchd', 1, /^<\?xml .*\n<!DOCTYPE plist/],
    ['windows', 1, /^\uFEFF<\?xml version="1\.0" encoding="UTF-16"\?>/],
  ] as const)('%s: writes what "install" would', async (form, count, begins) => {
    using line = new CommandLine();
    withServers(line, { a: daily });
    const folder = path.join(line.workspace, 'out');
    const { code } = await line.run(['schedule', 'export', form, '-o', folder]);
    expect(code).toBe(0);
    const files = fs.readdirSync(folder);
    expect(files).toHaveLength(count);
    const encoding = form === 'windows' ? 'utf16le' : 'utf8';
    const contents = files.map((file) => fs.readFileSync(path.join(folder, file), encoding));
    expect(contents.some((content) => begins.test(content))).toBe(true);
    expect(contents.join('\n')).toContain('--if-due');
    const { out } = await line.run(['schedule', 'export', form]);
    for (const content of contents) expect(out).toContain(content.replace('\uFEFF', ''));
  });
});

describe('the job of a server, run as its container would', () => {
  const owner = account();
  const files = `${owner.home}/fleet-${process.pid}`;
  let ssh: Openssh;

  beforeAll(async () => {
    ssh = await startOpenssh();
    fs.mkdirSync(files, { recursive: true });
    fs.writeFileSync(path.join(files, 'page'), 'hello');
  });

  afterAll(async () => {
    fs.rmSync(files, { recursive: true, force: true });
    await ssh[Symbol.asyncDispose]();
  });

  it('makes the backup that is due into its volume, once, and writes nowhere else', async () => {
    using line = new CommandLine();
    const web = {
      ...{ protocol: 'sftp', host: '127.0.0.1', port: ssh.port, username: owner.name },
      ...{ fingerprint: ssh.fingerprint(), include: [files], schedule: '0 7 29 2 *' },
    };
    withServers(line, { 'web-prod': web });
    const objects = await exported(line);
    const [job] = jobsIn(objects);
    const pod = job!.spec!.jobTemplate.spec!.template.spec!;
    const [backup] = pod.containers;
    const { runAsUser: uid } = pod.securityContext!;
    const configuration = path.join(line.workspace, 'configuration');
    const store = path.join(line.workspace, 'store');
    fs.mkdirSync(configuration);
    fs.writeFileSync(
      path.join(configuration, 'sauvegarde.json'),
      (objects[0] as ConfigMap).data!['sauvegarde.json']!,
    );
    fs.mkdirSync(store);
    fs.chownSync(store, uid!, uid!);
    const from: Readonly<Record<string, string>> = { configuration, store };
    const mounts = Object.fromEntries(
      backup!.volumeMounts!.flatMap(({ name, mountPath, readOnly = false }) =>
        from[name] === undefined ? [] : [[mountPath, { from: from[name], readOnly }]],
      ),
    );
    const run = (env: Readonly<Record<string, string>>) =>
      runInContainer({
        ...{ root: path.join(line.workspace, 'root'), mounts, args: backup!.args! },
        env: { ...Object.fromEntries(backup!.env!.map((one) => [one.name, one.value!])), ...env },
      });
    const without = await run({});
    expect(without.code).toBe(1);
    expect(without.error).toContain('no password is stored');
    const own = path.join(store, 'web-prod', '.sauvegarde');
    fs.rmSync(path.join(own, 'runs'), { recursive: true });
    const made = await run({ SAUVEGARDE_PASSWORD: owner.password });
    expect(made.error).toBe('');
    expect(made.code).toBe(0);
    const snapshots = path.join(own, 'snapshots');
    const [manifest, ...others] = fs.readdirSync(snapshots);
    expect(others).toEqual([]);
    const page = path.join(store, 'web-prod', manifest!.slice(0, -'.ndjson'.length), files, 'page');
    expect(fs.readFileSync(page, 'utf8')).toBe('hello');
    expect(fs.statSync(page).uid).toBe(uid);
    expect((await run({ SAUVEGARDE_PASSWORD: owner.password })).code).toBe(0);
    expect(fs.readdirSync(snapshots)).toEqual([manifest]);
    expect(fs.readdirSync(configuration)).toEqual(['sauvegarde.json']);
  });
});
