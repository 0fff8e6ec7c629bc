import path from 'node:path';
import { parseTree, getNodeValue, type ParseError } from 'jsonc-parser';
import { BackupError } from '../../base/errors';
import { parseDuration, parseShare } from '../amount';
import { parseBandwidth } from './bandwidth';
import { resolveCopy, type Copy } from './copy';
import { faultsOfCopies } from './copyFaults';
import { FaultFinder, type Fault } from './faults';
import { resolveReporting } from './reporting';
import { configurationSchema, type RawConfiguration, type RawServer } from './schema';
import { hasShell, type Server } from './server';

/** A configuration file that has been read and found right. */
export interface Configuration {
  /** Absolute path of the folder that holds the stores. */
  readonly destination: string;
  /** The workspace folder, if it was its own file that named the destination: the stores must not leave it. */
  readonly confinedTo: string | undefined;
  /** How many servers are backed up at once. */
  readonly maxParallelServers: number;
  readonly servers: ReadonlyMap<string, Server>;
  /** All off-site copies that are named anywhere in the file, by name. */
  readonly copies: ReadonlyMap<string, Copy>;
}

export type Parsed =
  | { readonly configuration: Configuration; readonly faults: readonly [] }
  | { readonly configuration?: never; readonly faults: readonly Fault[] };

/** Reads `.vscode/sauvegarde.json`: JSON with comments, trailing commas allowed. `workspace` is absolute. */
export function parseConfiguration(text: string, workspace: string): Parsed {
  const syntax: ParseError[] = [];
  // Editors on Windows may write a byte order mark; a blank keeps every offset.
  const tree = parseTree(text.replace(/^\uFEFF/, ' '), syntax, { allowTrailingComma: true });
  const finder = new FaultFinder(text, tree);
  if (syntax.length > 0 || !tree) {
    const faults = syntax.map((error) => finder.syntax(error));
    return { faults: faults.length > 0 ? faults : [finder.at([], 'a JSON object')] };
  }
  const checked = configurationSchema.safeParse(getNodeValue(tree));
  const repeated = [...finder.repeated()];
  const others = checked.success
    ? [...faultsAcrossFields(checked.data, finder, workspace)]
    : checked.error.issues.flatMap((issue) => finder.schema(issue));
  const faults = [...repeated, ...firstOfEachField(others, repeated)];
  if (faults.length > 0 || !checked.success) return { faults };
  return { configuration: resolve(checked.data, workspace), faults: [] };
}

/** The same as an error that lists every fault. */
export function configurationError(file: string, faults: readonly Fault[]): BackupError {
  const lines = faults.map((fault) => fault.message).join('\n');
  return new BackupError(
    'configuration',
    `${file} has ${faults.length === 1 ? 'a fault' : `${faults.length} faults`}:\n${lines}`,
  );
}

/** One fault for each field; none where a name stands twice, as it is unclear which one is meant. */
function firstOfEachField(faults: readonly Fault[], repeated: readonly Fault[]): Fault[] {
  const unclear = repeated.map((fault) => fault.field);
  const seen = new Set<string>();
  return faults.filter(({ field }) => {
    const isFirst = !seen.has(field);
    seen.add(field);
    return isFirst && !unclear.some((name) => field === name || field.startsWith(`${name}.`));
  });
}

function* faultsAcrossFields(
  raw: RawConfiguration,
  finder: FaultFinder,
  workspace: string,
): Iterable<Fault> {
  if (raw.destination !== undefined && !staysInside(raw.destination, workspace)) {
    yield finder.at(['destination'], 'a folder inside the workspace folder');
  }
  yield* faultsOfCopies(raw, finder);
  const folders = new Set<string>();
  for (const [name, server] of Object.entries(raw.servers)) {
    // On most Windows and macOS disks the two would be one folder.
    if (folders.has(name.toLowerCase())) {
      yield finder.name(['servers', name], 'a name that differs from the others by more than case');
    }
    folders.add(name.toLowerCase());
    if (server.protocol !== 'local' && server.host === undefined) {
      yield finder.at(['servers', name, 'host'], 'a host name or address');
    }
    yield* faultsOfHooks(name, server, finder);
    if ((server.clientCertificate === undefined) !== (server.clientKey === undefined)) {
      const given = server.clientKey === undefined ? 'clientCertificate' : 'clientKey';
      yield finder.at(['servers', name, given], '"clientCertificate" and "clientKey" together');
    }
  }
}

function* faultsOfHooks(name: string, server: RawServer, finder: FaultFinder): Iterable<Fault> {
  if (hasShell({ protocol: server.protocol, via: server.via ?? defaults.via })) return;
  for (const hook of ['before', 'after'] as const) {
    if (server[hook] === undefined) continue;
    yield finder.at(['servers', name, hook], 'a command only for sftp, and for rsync over ssh');
  }
  if (server.shell === true) {
    yield finder.at(['servers', name, 'shell'], 'true only for sftp, and for rsync over ssh');
  }
}

function staysInside(folder: string, workspace: string): boolean {
  const relative = path.relative(workspace, path.resolve(workspace, folder));
  return relative !== '' && !relative.split(path.sep).includes('..') && !path.isAbsolute(relative);
}

function resolve(raw: RawConfiguration, workspace: string): Configuration {
  const ofAll = (raw.copies ?? []).map((copy) => resolveCopy(copy, workspace));
  const servers = Object.entries(raw.servers).map(
    ([name, server]) => [name, resolveServer(name, server, workspace, ofAll)] as const,
  );
  const copies = [...ofAll, ...servers.flatMap(([, server]) => server.copies ?? [])];
  return {
    destination: path.resolve(workspace, raw.destination ?? 'backups'),
    confinedTo: workspace,
    maxParallelServers: raw.maxParallelServers ?? 2,
    servers: new Map(servers),
    copies: new Map(copies.map((copy) => [copy.name, copy])),
  };
}

const defaults = {
  jump: [],
  tls: 'explicit',
  via: 'ssh',
  encoding: 'utf8',
  exclude: [],
  links: 'record',
  connections: 4,
} as const;

const defaultTimeout = 30;
const defaultHookTimeout = 600;

function resolveServer(
  name: string,
  raw: RawServer,
  workspace: string,
  copiesOfAll: readonly Copy[],
): Server {
  const {
    ca,
    clientCertificate,
    clientKey,
    timeout,
    bandwidth,
    before,
    after,
    hookTimeout,
    ...rest
  } = raw;
  const { schedule, timeZone, keep, guard, report, verify, copies, ...fields } = rest;
  const amount = verify === undefined ? undefined : (parseShare(verify) ?? parseDuration(verify));
  const hooks = withoutUndefined({
    before,
    after,
    timeout: (hookTimeout ?? defaultHookTimeout) * 1000,
  });
  return {
    ...defaults,
    ...withoutUndefined(fields),
    name,
    host: raw.host ?? '',
    timeout: (timeout ?? defaultTimeout) * 1000,
    ...authorityOf(ca, workspace),
    ...clientCertificateOf(raw, workspace),
    ...(bandwidth !== undefined && { bandwidth: parseBandwidth(bandwidth) }),
    ...((before ?? after) !== undefined && { hooks }),
    ...(amount && { verify: amount }),
    ...(report !== undefined && { report: resolveReporting(report, workspace) }),
    unattended: { schedule, timeZone, keep, guard },
    ...copiesOf(copies, workspace, copiesOfAll),
  };
}

function copiesOf(
  raw: RawServer['copies'],
  workspace: string,
  ofAll: readonly Copy[],
): Pick<Server, 'copies'> {
  const copies = raw?.map((copy) => resolveCopy(copy, workspace)) ?? ofAll;
  return copies.length > 0 ? { copies } : {};
}

type Defined<T> = { [K in keyof T]: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(fields: T): Defined<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}

function authorityOf(ca: string | undefined, workspace: string): Pick<Server, 'ca'> {
  return ca === undefined ? {} : { ca: path.resolve(workspace, ca) };
}

function clientCertificateOf(
  { clientCertificate, clientKey }: RawServer,
  workspace: string,
): Pick<Server, 'clientCertificate'> {
  if (clientCertificate === undefined || clientKey === undefined) return {};
  const [certificate, key] = [clientCertificate, clientKey].map((file) =>
    path.resolve(workspace, file),
  ) as [string, string];
  return { clientCertificate: { certificate, key } };
}
