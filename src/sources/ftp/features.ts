import type { Reply } from './reply';
import { isDone } from './refusal';

/** What a server offers (RFC 2389, FEAT). A server without FEAT offers nothing beyond RFC 959. */
export interface Features {
  /** MLSD and MLST (RFC 3659, section 7). */
  readonly machineListing: boolean;
  /** The facts that MLSD gives, in lower case, as FEAT lists them. */
  readonly facts: ReadonlySet<string>;
  readonly modificationTime: boolean;
  readonly size: boolean;
  /** MFMT, which sets a file's time (draft-somers-ftp-mfxx). */
  readonly setsTime: boolean;
  readonly utf8: boolean;
}

export function featuresOf(reply: Reply): Features {
  const lines = isDone(reply) ? reply.lines.slice(1, -1) : [];
  const offered = new Map<string, string>();
  for (const line of lines) {
    const [name = '', ...rest] = line.trim().split(' ');
    offered.set(name.toUpperCase(), rest.join(' '));
  }
  const facts = (offered.get('MLST') ?? '').toLowerCase().split(';');
  return {
    machineListing: offered.has('MLST') || offered.has('MLSD'),
    facts: new Set(facts.map((fact) => fact.replace('*', '').trim()).filter((fact) => fact !== '')),
    modificationTime: offered.has('MDTM'),
    size: offered.has('SIZE'),
    setsTime: offered.has('MFMT'),
    utf8: offered.has('UTF8'),
  };
}
