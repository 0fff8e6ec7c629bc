import type { EntryType } from '../../../model/entry';
import { momentOf } from './dates';
import type { LineParser, Listed } from './listed';

/**
 * A line of MLSD or MLST (RFC 3659, section 7.2): facts, each with a `;` after it, one space, and
 * the name. The target of `OS.unix=slink:` may have spaces, so it is the `; ` that counts.
 */
export const parseMlsdLine: LineParser = (line) => {
  const parts = splitMlsdLine(line);
  const kind = parts?.facts.get('type');
  if (parts === undefined || kind === undefined) return undefined;
  const { name, facts } = parts;
  const word = kind.toLowerCase();
  if (word === 'cdir') return 'folder';
  if (word === 'pdir') return 'nothing';
  if (name === '.') return 'folder';
  if (name === '..') return 'nothing';
  return listed(name, kind, facts);
};

/** Name and facts of a line, the facts by their names in lower case. Undefined: it has none. */
export function splitMlsdLine(
  line: string,
): { readonly name: string; readonly facts: ReadonlyMap<string, string> } | undefined {
  const end = line.indexOf('; ');
  if (end < 0) return undefined;
  const name = line.slice(end + 2);
  const facts = factsOf(line.slice(0, end));
  return facts === undefined || name === '' ? undefined : { name, facts };
}

function factsOf(text: string): Map<string, string> | undefined {
  const facts = new Map<string, string>();
  for (const fact of text.split(';')) {
    const equals = fact.indexOf('=');
    if (equals <= 0) return undefined;
    facts.set(fact.slice(0, equals).toLowerCase(), fact.slice(equals + 1));
  }
  return facts;
}

function listed(
  name: string,
  kind: string,
  facts: ReadonlyMap<string, string>,
): Listed | undefined {
  const type = typeOf(kind);
  const size = sizeOf(type, facts.get('size'));
  if (size === undefined) return undefined;
  const moment = momentOf(facts.get('modify') ?? '');
  const mode = modeOf(facts.get('unix.mode') ?? '');
  const target = type === 'symlink' ? /^OS\.unix=s(?:ym)?link:(.+)$/i.exec(kind)?.[1] : undefined;
  return {
    name,
    type,
    size,
    granularity: moment?.granularity ?? 1,
    ...(moment && { mtime: moment.mtime }),
    ...(mode !== undefined && { mode }),
    ...(target !== undefined && { target }),
  };
}

function modeOf(text: string): number | undefined {
  return /^[0-7]{1,6}$/.test(text) ? Number.parseInt(text, 8) & 0o7777 : undefined;
}

function typeOf(kind: string): EntryType {
  const word = kind.toLowerCase();
  if (word === 'file' || word === 'os.unix=file') return 'file';
  if (word === 'dir' || word === 'os.unix=dir') return 'directory';
  // ProFTPD says `symlink`, Pure-FTPd `slink:`, the draft of the RFC `slink:` and the target.
  return /^os\.unix=s(ym)?link/.test(word) ? 'symlink' : 'other';
}

/** Undefined: a file whose size is missing or no number. */
function sizeOf(type: EntryType, text: string | undefined): number | undefined {
  if (type !== 'file') return 0;
  const size = /^\d{1,16}$/.test(text ?? '') ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? size : undefined;
}
