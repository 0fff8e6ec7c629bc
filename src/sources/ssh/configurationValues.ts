import type SSHConfig from 'ssh-config';

import type { Asked } from './askedHost';
import { matchesList } from './pattern';

type Line = SSHConfig[number];
type Directive = Extract<Line, { param: string }>;

/** Directives by their names in lower case; several values only where ssh takes several. */
export type Values = Readonly<Record<string, readonly string[]>>;

const repeatable = new Set(['identityfile', 'certificatefile']);
/** Taken as they stand, quotes included: they are for a shell. */
const commands = new Set(['proxycommand']);

/**
 * What the lines of a configuration say of a host, as ssh_config(5) reads them: the first value counts,
 * `Match final` brings a second pass. What cannot be known without running a command or asking a name
 * server (`Match exec`, `localnetwork`) does not match, negated or not.
 * @param localUser the account of this computer
 */
export function valuesFor(lines: readonly Line[], asked: Asked, localUser: string): Values {
  const reading = new Reading(asked, localUser);
  reading.pass(lines);
  if (reading.wantsFinalPass) {
    reading.beginFinalPass();
    reading.pass(lines);
  }
  return reading.values;
}

class Reading {
  readonly values: Record<string, string[]> = {};
  wantsFinalPass = false;
  #isFinal = false;
  readonly #asked: Asked;
  readonly #localUser: string;
  /** What `Host` is compared with. */
  #host: string;

  constructor(asked: Asked, localUser: string) {
    this.#asked = asked;
    this.#host = asked.host;
    this.#localUser = localUser;
  }

  /** The name that the host has by then stays, however the lines that gave it match now. */
  beginFinalPass(): void {
    this.#isFinal = true;
    this.#host = this.#hostname();
    this.values['hostname'] = [this.#host.replaceAll('%', '%%')];
  }

  pass(lines: readonly Line[]): void {
    for (const line of lines) {
      if (!('param' in line)) continue;
      if (!('config' in line)) this.#take(line);
      else if (this.#holds(line)) {
        for (const inner of line.config) if ('param' in inner) this.#take(inner);
      }
    }
  }

  #holds(section: Directive): boolean {
    const words = wordsOf(section);
    if (section.param.toLowerCase() === 'host') return matchesList(words, this.#host);
    return this.#matches(words);
  }

  /** All criteria have to hold; each is looked at, as `final` counts also behind one that does not. */
  #matches(words: readonly string[]): boolean {
    let all = words.length > 0;
    for (let index = 0; index < words.length; index += 1) {
      const { isNegated, name, given } = criterionOf(words[index] ?? '');
      if (!needsNothing.has(name) && given === undefined) index += 1;
      const holds = this.#criterion(name, given ?? words[index] ?? '');
      if (holds === undefined || holds === isNegated) all = false;
    }
    return all;
  }

  /** Undefined: it cannot be known. */
  #criterion(name: string, argument: string): boolean | undefined {
    const { host, user = this.values['user']?.[0] ?? this.#localUser } = this.#asked;
    switch (name) {
      case 'all':
        return true;
      case 'final':
        this.wantsFinalPass = true;
        return this.#isFinal;
      case 'canonical':
        return this.#isFinal;
      case 'host':
        return matchesList(argument.toLowerCase().split(','), this.#hostname());
      case 'originalhost':
        return matchesList(argument.toLowerCase().split(','), host);
      case 'user':
        return matchesList(argument.split(','), user);
      case 'localuser':
        return matchesList(argument.split(','), this.#localUser);
      default:
        return undefined;
    }
  }

  #hostname(): string {
    const named = this.values['hostname']?.[0] ?? this.#host;
    return named.replace(/%([%h])/g, (_whole, token) => (token === 'h' ? this.#host : '%'));
  }

  #take(directive: Directive): void {
    const name = directive.param.toLowerCase();
    const words = commands.has(name) ? [commandOf(directive)] : wordsOf(directive);
    // Whichever of the two comes first.
    const other = { proxycommand: 'proxyjump', proxyjump: 'proxycommand' }[name];
    if (other !== undefined && this.values[other]) return;
    const known = this.values[name];
    if (!known) this.values[name] = words;
    else if (repeatable.has(name)) known.push(...words.filter((word) => !known.includes(word)));
  }
}

const needsNothing = new Set(['all', 'final', 'canonical']);

/** `!user`, `host`, `host=web` */
function criterionOf(word: string): { isNegated: boolean; name: string; given?: string } {
  const [, sign, name = '', given] = /^(!?)([a-z]+)(?:=(.*))?$/is.exec(word) ?? [];
  return {
    isNegated: sign === '!',
    name: name.toLowerCase(),
    ...(given !== undefined && { given }),
  };
}

function wordsOf({ value }: Directive): string[] {
  return typeof value === 'string' ? [value] : value.map(({ val }) => val);
}

function commandOf({ value }: Directive): string {
  if (typeof value === 'string') return value;
  const parts = value.map(({ val, separator, quoted }) => {
    const word = quoted === true ? `"${val.replaceAll('"', String.raw`\"`)}"` : val;
    return `${separator}${word}`;
  });
  return parts.join('').trim();
}
