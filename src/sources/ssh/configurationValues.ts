import type { Asked } from './askedHost';
import type { Directive, Item } from './includes';
import { matchesList } from './pattern';

/** Directives by their names in lower case; several values only where ssh takes several. */
export type Values = Readonly<Record<string, readonly string[]>>;

const repeatable = new Set(['identityfile', 'certificatefile']);
/** Taken as they stand, quotes included: they are for a shell. */
const commands = new Set(['proxycommand']);

/** What was found, and what was passed over: `Match exec` … */
export interface Found {
  readonly values: Values;
  readonly passedOver: ReadonlySet<string>;
}

/**
 * What a configuration says of a host, as ssh_config(5) reads it: the first value counts, `Match final`
 * brings a second pass. What cannot be known without running a command or asking a name server (`Match
 * exec`, `localnetwork`) does not match, negated or not.
 * @param localUser the account of this computer
 */
export function valuesFor(items: readonly Item[], asked: Asked, localUser: string): Found {
  const reading = new Reading(asked, localUser);
  reading.pass(items, true);
  if (reading.wantsFinalPass) {
    reading.beginFinalPass();
    reading.pass(items, true);
  }
  const { values, passedOver } = reading;
  const canonical = values['canonicalizehostname']?.[0]?.toLowerCase() ?? 'no';
  if (canonical !== 'no') passedOver.add('CanonicalizeHostname');
  return { values, passedOver };
}

class Reading {
  readonly values: Record<string, string[]> = {};
  readonly passedOver = new Set<string>();
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

  /**
   * One file, or what a block or an `Include` brings. `holds` is the state in which it begins; where that is
   * false, no block in it holds either. All are looked at, as `Match final` counts everywhere.
   */
  pass(items: readonly Item[], holds: boolean, isPossible = holds): void {
    for (const item of items) {
      if (item.kind === 'directive') {
        if (holds) this.#take(item.directive);
      } else if (item.kind === 'files') {
        for (const file of item.files) this.pass(file, holds, isPossible && holds);
      } else {
        const isMatch = this.#holds(item.head, isPossible);
        this.pass(item.items, isMatch && isPossible, isPossible);
      }
    }
  }

  #holds(head: Directive, isPossible: boolean): boolean {
    const words = wordsOf(head);
    if (head.param.toLowerCase() === 'host') return matchesList(words, this.#host);
    return this.#matches(words, isPossible);
  }

  /** All criteria have to hold; each is looked at, as `final` counts also behind one that does not. */
  #matches(words: readonly string[], isPossible: boolean): boolean {
    let all = words.length > 0;
    const unknown: string[] = [];
    for (let index = 0; index < words.length; index += 1) {
      const { isNegated, name, given } = criterionOf(words[index] ?? '');
      if (!needsNothing.has(name) && given === undefined) index += 1;
      const holds = this.#criterion(name, given ?? words[index] ?? '');
      if (holds === undefined) unknown.push(`Match ${name}`);
      else if (holds === isNegated) all = false;
    }
    if (all && isPossible) this.#passOver(unknown);
    return all && unknown.length === 0;
  }

  /** They would have decided. */
  #passOver(criteria: readonly string[]): void {
    for (const criterion of criteria) this.passedOver.add(criterion);
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
    // Whichever of the two comes first; a jump through nothing leaves room for a command.
    if (name === 'proxyjump' && this.values['proxycommand']) return;
    const jump = this.values['proxyjump']?.[0]?.toLowerCase() ?? 'none';
    if (name === 'proxycommand' && jump !== 'none') return;
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
