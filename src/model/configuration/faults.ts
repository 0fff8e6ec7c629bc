import { findNodeAtLocation, getNodePath, type Node, type ParseError } from 'jsonc-parser';
import { printParseErrorCode } from 'jsonc-parser';
import type * as z from 'zod/mini';
import { nearestWord } from '../../base/nearestWord';
import { knownFieldsAt } from './schemaFields';

/** One thing that is wrong in the configuration file, placed for the editor and worded for a person. */
export interface Fault {
  /** `servers.web-prod.port`; empty for the file as a whole. */
  readonly field: string;
  /** What stands there, as JSON; undefined where something is missing. */
  readonly value: string | undefined;
  /** What would be accepted. */
  readonly accepted: string;
  /** 1-based. */
  readonly line: number;
  /** Characters from the start of the file, for diagnostics. */
  readonly offset: number;
  readonly length: number;
  readonly message: string;
}

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

const longestValueShown = 60;

/** Builds faults that know where in the text they are. */
export class FaultFinder {
  readonly #text: string;
  readonly #tree: Node | undefined;

  constructor(text: string, tree: Node | undefined) {
    this.#text = text;
    this.#tree = tree;
  }

  syntax(error: ParseError): Fault {
    const accepted = 'JSON with comments';
    const what = printParseErrorCode(error.error).replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ');
    const line = this.#lineAt(error.offset);
    return {
      field: '',
      value: undefined,
      accepted,
      line,
      offset: error.offset,
      length: Math.max(1, error.length),
      message: `Line ${line}: not valid JSON (${what.toLowerCase()}).`,
    };
  }

  schema(issue: Issue): Fault[] {
    const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => this.unknown(path, key));
    if (issue.code === 'invalid_key') {
      return [this.name(path, issue.issues[0]?.message ?? 'another name')];
    }
    if (issue.code === 'invalid_union') {
      // What is wrong inside the form that was meant says more than that no form fits.
      const inside = issue.errors.find((issues) => !issues.some(isOfAnotherType));
      const placed = inside?.map((found) => ({ ...found, path: [...path, ...found.path] }));
      if (placed) return placed.flatMap((found) => this.schema(found));
    }
    return [this.at(path, issue.message)];
  }

  /** A field that the schema does not know. */
  unknown(parent: Path, key: string): Fault {
    const known = knownFieldsAt(parent);
    const near = nearestWord(key, known);
    const accepted = near === undefined ? `one of ${known.join(', ')}` : `"${near}"`;
    const fault = this.at([...parent, key], accepted);
    const advice =
      near === undefined ? `Known are: ${known.join(', ')}` : `Did you mean "${near}"?`;
    return {
      ...fault,
      message: `Line ${fault.line}: ${fault.field} is not a known field. ${advice}`,
    };
  }

  /** A value that is not accepted, or missing. */
  at(path: Path, accepted: string): Fault {
    const node = this.#nodeAt(path);
    const place = node ?? this.#nearestParent(path);
    const line = this.#lineAt(place?.offset ?? 0);
    const field = path.join('.');
    const value = node && this.#text.slice(node.offset, node.offset + node.length);
    const found = value === undefined ? 'is missing' : `is ${shorten(value)}`;
    return {
      field,
      value,
      accepted,
      line,
      offset: place?.offset ?? 0,
      length: node?.length ?? 1,
      message: `Line ${line}: ${field || 'The file'} ${found}. Accepted is ${accepted}.`,
    };
  }

  /** A name, in front of its colon, that is not accepted. */
  name(path: Path, accepted: string): Fault {
    const key = this.#nodeAt(path)?.parent?.children?.[0];
    const fault = this.at(path, accepted);
    if (!key) return fault;
    const value = this.#text.slice(key.offset, key.offset + key.length);
    const line = this.#lineAt(key.offset);
    return {
      ...fault,
      value,
      line,
      offset: key.offset,
      length: key.length,
      message: `Line ${line}: the name ${shorten(value)} is not possible. Accepted is ${accepted}.`,
    };
  }

  #nodeAt(path: Path): Node | undefined {
    return this.#tree && findNodeAtLocation(this.#tree, [...path]);
  }

  #nearestParent(path: Path): Node | undefined {
    for (let length = path.length - 1; length >= 0; length -= 1) {
      const node = this.#nodeAt(path.slice(0, length));
      if (node) return node;
    }
    return undefined;
  }

  #lineAt(offset: number): number {
    return this.#text.slice(0, offset).split('\n').length;
  }

  /** Fields that stand twice in one object: JSON would silently keep the last. */
  *repeated(): Iterable<Fault> {
    const stack = this.#tree ? [this.#tree] : [];
    for (let node = stack.pop(); node; node = stack.pop()) {
      stack.push(...(node.children ?? []));
      if (node.type === 'object') yield* this.#repeatedIn(node);
    }
  }

  *#repeatedIn(object: Node): Iterable<Fault> {
    const seen = new Set<unknown>();
    for (const property of object.children ?? []) {
      const key = property.children?.[0];
      if (!key) continue;
      if (seen.has(key.value)) yield this.#repeatedKey(object, key);
      // JavaScript would take it for something else than a field, and lose it.
      if (key.value === '__proto__') yield this.name(getNodePath(key), 'another name');
      seen.add(key.value);
    }
  }

  #repeatedKey(object: Node, key: Node): Fault {
    const field = [...getNodePath(object), key.value].join('.');
    const line = this.#lineAt(key.offset);
    return {
      field,
      value: undefined,
      accepted: 'each name once',
      line,
      offset: key.offset,
      length: key.length,
      message: `Line ${line}: ${field} stands here for the second time. Keep one of them.`,
    };
  }
}

function isOfAnotherType({ code, path }: Issue): boolean {
  return code === 'invalid_type' && path.length === 0;
}

function shorten(value: string): string {
  const line = value.replaceAll(/\s+/g, ' ');
  return line.length > longestValueShown ? `${line.slice(0, longestValueShown)}…` : line;
}
