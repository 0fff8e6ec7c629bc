import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { BackupError } from '../../base/errors';
import { withBlock } from '../../jobs/handover/crontab';
import { fleetOf } from '../../jobs/handover/fleetOf';
import type { Handover } from '../../jobs/handover/handover';
import { launchAgentsOf } from '../../jobs/handover/launchAgents';
import { unitsOf } from '../../jobs/handover/systemdUnits';
import { windowsTasksOf } from '../../jobs/handover/windowsTasks';
import { version } from '../../jobs/version';
import { localFolder } from '../../model/configuration/repositoryAddress';
import type { Server } from '../../model/configuration/server';
import { countText } from '../../report/figures';
import { exitCode, type ExitCode } from '../exitCodes';
import { selectServers } from '../selectServers';
import type { Session } from '../session';
import { writeWholeFile } from '../wholeFile';
import { handoverOf, scheduledServers } from './schedule';

export const exportForms = ['kubernetes', 'systemd', 'cron', 'launchd', 'windows'] as const;
export type ExportForm = (typeof exportForms)[number];

export interface ExportFlags {
  readonly image?: string;
  readonly namespace?: string;
  readonly storage?: string;
  readonly server?: readonly string[];
  readonly output?: string;
}

/** A file as the other scheduler takes it. */
interface ExportedFile {
  readonly name: string;
  readonly content: string;
}

/**
 * `sauvegarde schedule export`: the files that hand the schedules over, for people who configure machines by
 * their own tools; to standard output, or into a folder.
 */
export async function exportSchedules(
  session: Session,
  form: ExportForm,
  flags: ExportFlags,
): Promise<ExitCode> {
  const servers = wantedServers(session, flags.server ?? []);
  const files =
    form === 'kubernetes'
      ? [await kubernetesFile(session, servers, flags)]
      : localFiles(form, handoverOf(session, servers));
  for (const { name, content } of files)
    session.output.event({ event: 'exported', file: name, content });
  if (flags.output !== undefined) await writeFiles(session, form, files, flags.output);
  else if (!session.output.options.json) await session.output.print(joined(files));
  return exitCode.done;
}

function wantedServers(session: Session, names: readonly string[]): Server[] {
  const scheduled = scheduledServers(session);
  const chosen = selectServers(session.workspace.configuration, names);
  const without = chosen.find((server) => names.length > 0 && !scheduled.includes(server));
  if (without) {
    throw new BackupError(
      'configuration',
      `${without.name} has no schedule. Give it a "schedule" such as "0 7 * * *" first.`,
    );
  }
  const wanted = scheduled.filter((server) => chosen.includes(server));
  if (wanted.length > 0) return wanted;
  throw new BackupError(
    'configuration',
    'No server has a schedule. Give one a "schedule" such as "0 7 * * *" first.',
  );
}

async function kubernetesFile(
  session: Session,
  servers: readonly Server[],
  { image = `sauvegarde:${version}`, namespace, storage = '20Gi' }: ExportFlags,
): Promise<ExportedFile> {
  const { clock, signal, workspace, output } = session;
  for (const server of servers) {
    for (const file of filesOfThisComputer(server)) {
      output.warning(server.name, `${file} is on this computer, and not in the cluster: mount it.`);
    }
  }
  const fleet = await fleetOf({
    ...{ image, storage, signal, now: clock.now(), configuration: workspace.text },
    ...(namespace !== undefined && { namespace }),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    servers: scheduledServers(session),
    wanted: new Set(servers.map(({ name }) => name)),
    storeOf: (server) => session.store(server),
  });
  // Loaded here: no other command writes YAML.
  const { kubernetesText } = await import('../../jobs/handover/kubernetes/kubernetesText');
  return { name: 'sauvegarde.yaml', content: kubernetesText(fleet, clock.now()) };
}

/** What a server needs that the export does not carry. Keys in `~/.ssh` come from a Secret. */
function filesOfThisComputer(server: Server): string[] {
  const { privateKey, ca, clientCertificate, report, protocol, include, copies = [] } = server;
  const named = [
    privateKey?.startsWith('~/.ssh/') === true ? undefined : privateKey,
    ca,
    clientCertificate?.certificate,
    clientCertificate?.key,
    report?.mail?.smtp.ca,
    ...(protocol === 'local' ? include : []),
    ...copies.map(({ repository }) => localFolder(repository)),
  ];
  return named.filter((file) => file !== undefined);
}

function localFiles(form: Exclude<ExportForm, 'kubernetes'>, handover: Handover): ExportedFile[] {
  switch (form) {
    case 'systemd':
      return unitsOf(handover);
    case 'cron':
      return [{ name: 'crontab', content: withBlock('', handover) }];
    case 'launchd':
      return launchAgentsOf(handover).map(({ label, content }) => ({
        name: `${label}.plist`,
        content,
      }));
    case 'windows':
      return windowsTasksOf(handover).map(({ name, content }) => ({
        name: `${name}.xml`,
        content,
      }));
  }
}

function joined(files: readonly ExportedFile[]): string {
  const [only, ...others] = files;
  if (only && others.length === 0) return only.content;
  return files.map(({ name, content }) => `==> ${name} <==\n${content}`).join('\n');
}

async function writeFiles(
  session: Session,
  form: ExportForm,
  files: readonly ExportedFile[],
  folder: string,
): Promise<void> {
  const place = path.resolve(folder);
  await mkdir(place, { recursive: true });
  for (const { name, content } of files) {
    // schtasks takes UTF-16 with a byte order mark.
    const written = form === 'windows' ? Buffer.from(`\uFEFF${content}`, 'utf16le') : content;
    await writeWholeFile(path.join(place, name), written, 'The schedules');
  }
  session.output.note(`${place}: ${countText(files.length, 'file')}`);
}
