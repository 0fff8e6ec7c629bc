import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import SSHConfig from 'ssh-config';

import { BackupError, messageOf, systemCode } from '../../base/errors';
import { matchesPattern } from './pattern';

type Line = SSHConfig[number];
type Section = Extract<Line, { config: SSHConfig }>;

/** As deep as ssh(1) follows `Include`. */
const deepest = 16;
const mostFiles = 500;

/** Expands one file and what it includes. `active` tells whether the last section holds for the host. */
export interface Expansion {
  /** The folder that relative includes start from: `~/.ssh`. */
  readonly folder: string;
  readonly home: string;
  readonly active: (lines: readonly Line[]) => boolean;
}

/**
 * The lines of a configuration file with every `Include` replaced by what it names. An `Include`
 * inside a `Host` or `Match` block counts only if that block holds for the host: what it brings then
 * stands at the top level, and the rest of the block follows as a block of its own.
 */
export async function readWithIncludes(file: string, expansion: Expansion): Promise<SSHConfig> {
  const result = new SSHConfig();
  await append(result, file, expansion, 0, { count: 0 });
  return result;
}

async function append(
  result: SSHConfig,
  file: string,
  expansion: Expansion,
  depth: number,
  files: { count: number },
): Promise<void> {
  files.count += 1;
  if (depth > deepest || files.count > mostFiles) {
    throw new BackupError('configuration', `The ssh configuration ${file} is included too deeply.`);
  }
  const include = async (patterns: readonly string[]): Promise<void> => {
    for (const pattern of patterns) {
      for (const path of await filesOf(pattern, expansion)) {
        await append(result, path, expansion, depth + 1, files);
      }
    }
  };
  for (const line of await parseFile(file)) {
    const patterns = includedBy(line);
    if (patterns) await include(patterns);
    else if ('config' in line) await appendSection(result, line, expansion, include);
    else result.push(line);
  }
}

async function appendSection(
  result: SSHConfig,
  section: Section,
  expansion: Expansion,
  include: (patterns: readonly string[]) => Promise<void>,
): Promise<void> {
  if (!section.config.some((line) => includedBy(line) !== undefined)) {
    result.push(section);
    return;
  }
  const active = expansion.active([...result, { ...section, config: new SSHConfig() }]);
  let part = new SSHConfig();
  for (const line of section.config) {
    const patterns = includedBy(line);
    if (!patterns) {
      part.push(line);
    } else if (active) {
      result.push({ ...section, config: part });
      part = new SSHConfig();
      await include(patterns);
    }
  }
  result.push({ ...section, config: part });
}

function includedBy(line: Line): string[] | undefined {
  if (!('param' in line) || line.param.toLowerCase() !== 'include') return undefined;
  return typeof line.value === 'string' ? [line.value] : line.value.map(({ val }) => val);
}

async function parseFile(file: string): Promise<SSHConfig> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(systemCode(error) ?? '')) return new SSHConfig();
    const message = `The ssh configuration ${file} cannot be read: ${messageOf(error)}.`;
    throw new BackupError('configuration', message, { cause: error });
  }
  try {
    return SSHConfig.parse(text);
  } catch (error) {
    const message = `The ssh configuration ${file} is not valid: ${messageOf(error)}.`;
    throw new BackupError('configuration', message, { cause: error });
  }
}

/** The files that an `Include` names, in the order of their names; none is no error, as for ssh. */
async function filesOf(pattern: string, { folder, home }: Expansion): Promise<string[]> {
  const named = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : pattern;
  const path = isAbsolute(named) ? named : join(folder, named);
  if (!/[*?]/.test(path)) return [path];
  let found = [/^[a-z]:[\\/]/i.exec(path)?.[0] ?? '/'];
  for (const part of path.split(/[\\/]/).slice(1)) {
    const next: string[] = [];
    for (const parent of found) next.push(...(await namesMatching(parent, part)));
    found = next;
  }
  return found;
}

async function namesMatching(parent: string, part: string): Promise<string[]> {
  if (!/[*?]/.test(part)) return [join(parent, part)];
  const names = await readdir(parent).catch((): string[] => []);
  const fitting = names.filter(
    (name) => matchesPattern(part, name) && (part.startsWith('.') || !name.startsWith('.')),
  );
  return fitting.sort().map((name) => join(parent, name));
}
