import { BackupError } from '../base/errors';
import { probeAbilities, type DiskAbilities } from './abilities';
import type { Disk } from './disk';
import type { Layout } from './layout';
import { readLines } from './readLines';

interface Description {
  readonly format: 1;
  readonly disk: DiskAbilities;
}

/** What the disk under the store can do: read from `store.json`, or probed and written there once. */
export async function diskAbilities(disk: Disk, layout: Layout): Promise<DiskAbilities> {
  const known = await readDescription(disk, layout);
  if (known) return known.disk;
  const description: Description = { format: 1, disk: await probeAbilities(disk, layout.partial) };
  await writeWhole(disk, layout.description, `${JSON.stringify(description)}\n`);
  return description.disk;
}

async function readDescription(disk: Disk, layout: Layout): Promise<Description | undefined> {
  if (!disk.stat(layout.description)) return undefined;
  for await (const line of readLines(disk, layout.description)) {
    const found = parseJson(line.text);
    if (isNewer(found)) {
      throw new BackupError(
        'configuration',
        `${layout.description} was written by a newer version. Update Sauvegarde.`,
      );
    }
    return isDescription(found) ? found : undefined;
  }
  return undefined;
}

/** Undefined if it is none: then the disk is probed again. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isNewer(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || !('format' in value)) return false;
  return typeof value.format === 'number' && value.format > 1;
}

const abilityTypes: Readonly<Record<keyof DiskAbilities, string>> = {
  share: 'string',
  caseSensitive: 'boolean',
  normalizationSensitive: 'boolean',
  anyBytes: 'boolean',
  forbidden: 'string',
  trailingDots: 'boolean',
  deviceNames: 'boolean',
  longestName: 'number',
};

function isDescription(value: unknown): value is Description {
  if (typeof value !== 'object' || value === null) return false;
  if (!('format' in value && value.format === 1 && 'disk' in value)) return false;
  const { disk } = value;
  if (typeof disk !== 'object' || disk === null) return false;
  const known = new Map<string, unknown>(Object.entries(disk));
  return Object.entries(abilityTypes).every(([name, type]) => typeof known.get(name) === type);
}

/** Writes a small file so that it is there whole or not at all. */
export async function writeWhole(
  disk: Disk,
  path: string,
  text: string,
  temporary = `${path}.new`,
): Promise<void> {
  await writeBytes(disk, temporary, Buffer.from(text, 'utf8'));
  await disk.rename(temporary, path);
}

/** Writes a file in the place of whatever stands there, and makes its content durable. */
export async function writeBytes(disk: Disk, path: string, content: Buffer): Promise<void> {
  await disk.remove(path);
  const file = await disk.openFile(path, 0o644);
  try {
    await file.write([content], 0);
    await file.sync();
  } finally {
    await file.close();
  }
}
