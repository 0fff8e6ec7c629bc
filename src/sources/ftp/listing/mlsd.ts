import type { EntryType } from '../../../model/entry';
import { momentOf } from './dates';
import { listedOf } from './listedOf';
import { placed, type Listed, type LineContent, type LineParser } from './listed';
import { sizeIn } from './sizes';

/**
 * A line of MLSD or MLST (RFC 3659, section 7.2): facts, each with a `;` after it, one space, and
 * the name. The target of `OS.unix=slink:` may have spaces, so it is the `; ` that counts. A line that
 * does not tell what the entry is gives the name alone.
 */
export const parseMlsdLine: LineParser = (line) => {
  const parts = splitMlsdLine(line);
  if (parts === undefined) return nameAtLeast(line);
  const { name, facts } = parts;
  const kind = facts.get('type');
  const word = kind?.toLowerCase();
  if (word === 'cdir' && isOfFolder(name)) return 'folder';
  if (word === 'pdir' && isOfFolder(name)) return 'nothing';
  if (name === '.') return 'folder';
  if (name === '..') return 'nothing';
  return kind === undefined ? { named: name } : listed(name, kind, facts);
};

/** `.`, `..`, or a whole path, as the RFC has it: a plain name is none of the folder itself. */
function isOfFolder(name: string): boolean {
  return /^(?:\.{1,2}|.*[/\\].*|[A-Za-z]:)$/s.test(name);
}

/**
 * Lines that are not quite as the RFC says: no blank or a tab before the name, no `;` behind the last
 * fact (an early draft), no facts at all.
 */
function nameAtLeast(line: string): LineContent {
  const name =
    /^(?:[A-Za-z][\w.-]*=[^; ]*;)*[A-Za-z][\w.-]*=[^; ]* (.+)$/s.exec(line)?.[1] ??
    /^(?:[A-Za-z][\w.-]*=[^;]*;)+\t?(\S[^;]*)$/s.exec(line)?.[1] ??
    /^ (.+)$/s.exec(line)?.[1];
  return name === undefined ? undefined : placed({ named: name });
}

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

function listed(name: string, kind: string, facts: ReadonlyMap<string, string>): LineContent {
  const type = typeOf(kind);
  if (type !== undefined) return withFacts(name, type, kind, facts);
  // Pure-FTPd says so of what is neither file nor folder nor link.
  if (kind.toLowerCase() !== 'unknown') return { named: name };
  return { named: name, otherwise: withFacts(name, 'other', kind, facts) };
}

function withFacts(
  name: string,
  type: EntryType,
  kind: string,
  facts: ReadonlyMap<string, string>,
): Listed {
  return listedOf({
    name: type === 'directory' ? name.replace(/(?<=.)\/$/, '') : name,
    type,
    size: type === 'file' ? sizeIn(facts.get('size')) : 0,
    moment: momentOf(facts.get('modify') ?? ''),
    granularity: 1,
    mode: modeOf(facts.get('unix.mode') ?? ''),
    target: type === 'symlink' ? /^OS\.unix=s(?:ym)?link:(.+)$/i.exec(kind)?.[1] : undefined,
  });
}

function modeOf(text: string): number | undefined {
  return /^[0-7]{1,6}$/.test(text) ? Number.parseInt(text, 8) & 0o7777 : undefined;
}

/** Undefined: it could be a file as well. */
function typeOf(kind: string): EntryType | undefined {
  const word = kind.toLowerCase();
  if (/^(?:os\.\w+=)?(?:file|reg|regular)$/.test(word)) return 'file';
  if (/^(?:os\.\w+=)?(?:dir|directory|folder)$/.test(word)) return 'directory';
  // ProFTPD says `symlink`, Pure-FTPd `slink:`, the draft of the RFC `slink:` and the target.
  if (/^os\.\w+=s(?:ym)?link/.test(word)) return 'symlink';
  return /^os\.\w+=(?:chr|blk|char|block|device|fifo|pipe|so?ck|door)/.test(word)
    ? 'other'
    : undefined;
}
