import type { RemotePath } from '../../model/remotePath';
import type { Connection } from './connection';
import { momentOf } from './listing/dates';
import { isNamed, type Listed } from './listing/listed';
import { parseMlsdLine } from './listing/mlsd';
import { sizeIn } from './listing/sizes';
import { isDone } from './refusal';
import type { Reply } from './reply';

/**
 * What the server tells of one path without a listing: MLST where it is offered, else whether it can
 * be entered (a folder) or has a size (a file). Undefined: it shows nothing of that name.
 */
export async function statDirectly(
  connection: Connection,
  path: RemotePath,
  wirePath: string,
): Promise<Omit<Listed, 'name'> | undefined> {
  const shown = path === '' ? undefined : await byMachine(connection, wirePath);
  if (shown !== undefined) return shown;
  const [folder, size, time] = await connection.askAll(
    ['CWD', 'SIZE', 'MDTM'].map((command) => `${command} /${wirePath}`),
  );
  if (folder !== undefined && isDone(folder)) return { type: 'directory', size: 0, granularity: 1 };
  return size === undefined ? undefined : file(size, time);
}

async function byMachine(
  connection: Connection,
  wirePath: string,
): Promise<Omit<Listed, 'name'> | undefined> {
  if (!connection.features.machineListing) return undefined;
  const reply = await connection.ask(`MLST /${wirePath}`);
  const line = isDone(reply) ? reply.lines[1]?.replace(/^ /, '') : undefined;
  const parsed = line === undefined ? undefined : parseMlsdLine(line);
  if (typeof parsed !== 'object' || isNamed(parsed)) return undefined;
  const { name: _whole, ...facts } = parsed;
  return facts;
}

function file(size: Reply, time: Reply | undefined): Omit<Listed, 'name'> | undefined {
  if (size.code !== 213) return undefined;
  const bytes = sizeIn(size.lines[0]?.trim());
  const moment = time?.code === 213 ? momentOf((time.lines[0] ?? '').trim()) : undefined;
  return { type: 'file', ...(bytes !== undefined && { size: bytes }), granularity: 1, ...moment };
}
