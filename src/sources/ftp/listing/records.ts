import type { LineParser } from './listed';

/**
 * The lines of a listing, without their ends and without empty ones. Servers end lines with CR and LF,
 * some with LF alone. Where a listing has both, a lone LF, or a CR within a line, is part of a name,
 * unless what stands behind it can be read by itself.
 */
export function* recordsOf(text: string, parse: LineParser): Generator<string, void, undefined> {
  const ends = /\r\n/.test(text) && /(?<!\r)\n/.test(text) ? '\r\n' : '\n';
  for (const raw of text.split(ends)) {
    const record = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    if (record === '') continue;
    const inner = /[\r\n]/.exec(record)?.[0];
    if (inner === undefined) yield record;
    else yield* split(record, inner === '\n' ? '\n' : /\r\n?/, parse);
  }
}

function* split(
  record: string,
  separator: string | RegExp,
  parse: LineParser,
): Generator<string, void, undefined> {
  const pieces = record.split(separator).filter((piece) => piece !== '');
  const [, ...further] = pieces;
  if (further.length > 0 && further.every((piece) => parse(piece) !== undefined)) yield* pieces;
  else yield record;
}
