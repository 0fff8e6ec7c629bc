import { readdir, readFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';

import SSHConfig from 'ssh-config';

import { BackupError, messageOf, systemCode } from '../../base/errors';

type Line = SSHConfig[number];
export type Directive = Extract<Line, { param: string }>;

/** What a configuration file consists of: directives, `Host` and `Match` blocks, and files that are included. */
export type Item =
  | { readonly kind: 'directive'; readonly directive: Directive }
  | { readonly kind: 'block'; readonly head: Directive; readonly items: readonly Item[] }
  | { readonly kind: 'files'; readonly files: readonly (readonly Item[])[] };

/** As deep as ssh(1) follows `Include`. */
const deepest = 16;
const mostFiles = 500;

/** Where names of included files start. */
export interface Folders {
  /** For relative ones: `~/.ssh`, or `/etc/ssh`. */
  readonly folder: string;
  readonly home: string;
}

/** Reads a configuration file with every file that an `Include` of it names, as ssh(1) does: also in blocks that do not hold. */
export async function readWithIncludes(file: string, folders: Folders): Promise<Item[]> {
  return read(file, folders, 0, { count: 0 });
}

async function read(
  file: string,
  folders: Folders,
  depth: number,
  files: { count: number },
): Promise<Item[]> {
  files.count += 1;
  if (depth > deepest || files.count > mostFiles) {
    throw new BackupError('configuration', `The ssh configuration ${file} is included too deeply.`);
  }
  const itemsOf = async (lines: readonly Line[]): Promise<Item[]> => {
    const items: Item[] = [];
    for (const line of lines) {
      if (!('param' in line)) continue;
      const patterns = includedBy(line);
      if (patterns) items.push({ kind: 'files', files: await included(patterns) });
      else if ('config' in line) {
        items.push({ kind: 'block', head: line, items: await itemsOf(line.config) });
      } else items.push({ kind: 'directive', directive: line });
    }
    return items;
  };
  const included = async (patterns: readonly string[]): Promise<Item[][]> => {
    const found: Item[][] = [];
    for (const pattern of patterns) {
      for (const path of await filesOf(pattern, folders)) {
        found.push(await read(path, folders, depth + 1, files));
      }
    }
    return found;
  };
  return itemsOf(await parseFile(file));
}

function includedBy(line: Directive): string[] | undefined {
  if (line.param.toLowerCase() !== 'include') return undefined;
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

const wildcard = /[*?[]/;

/** The files that an `Include` names, in the order of their names; none is no error, as for ssh. */
async function filesOf(pattern: string, { folder, home }: Folders): Promise<string[]> {
  const named = pattern.startsWith('~/') ? join(home, pattern.slice(2)) : pattern;
  const path = isAbsolute(named) ? named : join(folder, named);
  if (!wildcard.test(path)) return [path];
  let found = [/^[a-z]:[\\/]/i.exec(path)?.[0] ?? '/'];
  for (const part of path.split(/[\\/]/).slice(1)) {
    const next: string[] = [];
    for (const parent of found) next.push(...(await namesMatching(parent, part)));
    found = next;
  }
  return found;
}

async function namesMatching(parent: string, part: string): Promise<string[]> {
  if (!wildcard.test(part)) return [join(parent, part)];
  const names = await readdir(parent).catch((): string[] => []);
  const form = formOf(part);
  const fitting = names.filter(
    (name) => form.test(name) && (part.startsWith('.') || !name.startsWith('.')),
  );
  return fitting.sort().map((name) => join(parent, name));
}

/** A pattern of glob(7) for one name: `*`, `?`, `[a-c]` and `[!a-c]`. */
function formOf(pattern: string): RegExp {
  const source = pattern.replace(
    /\*+|\?|\[(!?)(\]?[^\]]*)\]|[^]/g,
    (part: string, sign?: string, set?: string) => {
      if (part.startsWith('*')) return '.*';
      if (part === '?') return '.';
      if (set === undefined || set === '') return part.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
      return `[${sign === '!' ? '^' : ''}${set.replace(/[\\\]^[]/g, '\\$&')}]`;
    },
  );
  return new RegExp(`^${source}$`, 's');
}
