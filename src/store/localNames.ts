import { createHash } from 'node:crypto';
import {
  bytesOf,
  isText,
  isWithin,
  nameOf,
  parentOf,
  textOf,
  type RemotePath,
} from '../model/remotePath';
import type { DiskAbilities } from './abilities';

/** Names that Windows keeps for devices, in any case and with any ending. */
const deviceName = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i;
/** Of a name that is too long, so much makes room for the digest of the whole, and for a number behind it. */
const roomForDigest = 55;
/** Only names that we made have it: a server's own `%~` is escaped, so that it can never be taken for ours. */
const mark = '%~';

interface OpenFolder {
  readonly path: RemotePath;
  readonly local: string;
  /** The names given away in it, as the disk compares them. */
  readonly taken: Set<string>;
}

/**
 * Where each entry stands on disk: under its own name wherever the disk can hold it, else under a
 * percent-escaped one (`a:b` becomes `a%3Ab`), and with a number behind it where two names would be
 * one file. The manifest keeps the true name. Asked in folder order, it remembers only the folders
 * on the way down, so the choice is the same in every run.
 */
export class LocalNames {
  readonly #abilities: DiskAbilities;
  readonly #plain: boolean;
  readonly #open: OpenFolder[] = [];
  readonly #root: OpenFolder = { path: '' as RemotePath, local: '', taken: new Set() };

  constructor(abilities: DiskAbilities) {
    this.#abilities = abilities;
    this.#plain =
      abilities.anyBytes &&
      abilities.caseSensitive &&
      abilities.normalizationSensitive &&
      abilities.forbidden === '' &&
      abilities.trailingDots &&
      abilities.deviceNames;
  }

  /** The place of an entry below the snapshot's folder, as a byte string. */
  place(path: RemotePath): string {
    if (this.#plain && !path.includes(mark) && !this.#hasLongName(path)) return path;
    while (!isWithin(path, this.#innermost().path)) this.#open.pop();
    for (let folder = this.#innermost(); folder.path !== path; folder = this.#innermost()) {
      const end = path.indexOf('/', folder.path === '' ? 0 : folder.path.length + 1);
      this.#enter((end < 0 ? path : path.slice(0, end)) as RemotePath);
    }
    return this.#innermost().local;
  }

  #hasLongName(path: string): boolean {
    const { longestName } = this.#abilities;
    return path.length > longestName && path.split('/').some((name) => name.length > longestName);
  }

  #innermost(): OpenFolder {
    return this.#open.at(-1) ?? this.#root;
  }

  #enter(path: RemotePath): void {
    const parent = this.#open.find((folder) => folder.path === parentOf(path)) ?? this.#root;
    const { longestName } = this.#abilities;
    const escaped = escapeName(nameOf(path), this.#abilities);
    let name = escaped;
    for (let count = 2; parent.taken.has(this.#key(name)); count += 1) {
      name = `${escaped}${mark}${count}`;
      if (name.length > longestName) {
        name = `${shorten(escaped, nameOf(path), longestName)}${mark}${count}`;
      }
    }
    parent.taken.add(this.#key(name));
    const local = parent.local === '' ? name : `${parent.local}/${name}`;
    this.#open.push({ path, local, taken: new Set() });
  }

  /** Two names with the same key may be one file on this disk (node-tar's rule, CVE-2026-23950). */
  #key(name: string): string {
    if (this.#abilities.caseSensitive && this.#abilities.normalizationSensitive) return name;
    return textOf(name).normalize('NFKD').toLowerCase().toUpperCase();
  }
}

/** The name as this disk can hold it: a byte string, the same if nothing stands against it. */
export function escapeName(name: string, abilities: DiskAbilities): string {
  const escaped = needsEscape(name, abilities) ? escapeCharacters(name, abilities) : name;
  const { longestName } = abilities;
  return escaped.length <= longestName ? escaped : shorten(escaped, name, longestName);
}

function needsEscape(name: string, abilities: DiskAbilities): boolean {
  return (
    (!abilities.anyBytes && !isText(name)) ||
    Array.from(abilities.forbidden).some((character) => name.includes(character)) ||
    (abilities.forbidden !== '' && /[\x01-\x1f]/.test(name)) ||
    (!abilities.trailingDots && /[. ]$/.test(name)) ||
    (!abilities.deviceNames && deviceName.test(textOf(name))) ||
    name.includes(mark) ||
    (isRestricted(abilities) && /%[0-9A-F]{2}/.test(name))
  );
}

/** Where some names are escaped, one that looks escaped must be too, or the two could be confused. */
function isRestricted(abilities: DiskAbilities): boolean {
  const { forbidden, anyBytes, trailingDots, deviceNames } = abilities;
  return forbidden !== '' || !anyBytes || !trailingDots || !deviceNames;
}

function escapeCharacters(name: string, abilities: DiskAbilities): string {
  const escapesHigh = !abilities.anyBytes && !isText(name);
  const escapesControls = abilities.forbidden !== '';
  let escaped = name.replace(/[^]/g, (byte) => {
    const code = byte.charCodeAt(0);
    const bad = byte === '%' || abilities.forbidden.includes(byte);
    return bad || (escapesControls && code < 32) || (escapesHigh && code > 126)
      ? percent(byte)
      : byte;
  });
  if (!abilities.trailingDots && /[. ]$/.test(escaped)) {
    escaped = escaped.slice(0, -1) + percent(escaped.slice(-1));
  }
  // After that, as `aux. ` still is a device when its end is escaped.
  if (!abilities.deviceNames && deviceName.test(textOf(escaped))) {
    escaped = percent(escaped.slice(0, 1)) + escaped.slice(1);
  }
  return escaped;
}

function percent(byte: string): string {
  return `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

/** A name that is too long keeps its beginning and gets a digest of the whole. */
function shorten(escaped: string, name: string, longestName: number): string {
  const digest = createHash('sha256').update(bytesOf(name)).digest('hex').slice(0, 16);
  let kept = escaped.slice(0, longestName - roomForDigest);
  while (isText(escaped) && !isText(kept)) kept = kept.slice(0, -1);
  return `${kept}${mark}${digest}`;
}
