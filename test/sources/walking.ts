import { Selection } from '../../src/model/selection';
import type { LinkPolicy } from '../../src/model/configuration/server';
import type { HadContent, Scanned } from '../../src/sources/source';
import { Walk } from '../../src/sources/walk';
import type { MemoryServer } from './memoryServer';
import { TestClock } from './testClock';

export const live = new AbortController().signal;

export function walk(
  server: MemoryServer,
  include: string[],
  signal: AbortSignal = live,
  links: LinkPolicy = 'record',
  exclude: string[] = [],
  hadContent?: HadContent,
): AsyncGenerator<Scanned, void, undefined> {
  const selection = new Selection(include, exclude, links);
  return new Walk(server, selection, new TestClock(), signal, hadContent).scan();
}

export function shown({ entry, error, ...rest }: Scanned): string {
  return error ? `${'path' in rest ? rest.path : ''}: ${error.kind}` : entry.path;
}

export async function listOf(scan: AsyncIterable<Scanned>): Promise<string[]> {
  const list: string[] = [];
  for await (const scanned of scan) list.push(shown(scanned));
  return list;
}

/** After so many turns of the event loop. */
export async function soon(turns: number): Promise<void> {
  for (let turn = 0; turn < turns; turn += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
