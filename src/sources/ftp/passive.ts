import type { Reply } from './reply';

/**
 * The port in a reply to EPSV (RFC 2428, `229 … (|||6446|)`) or PASV (RFC 959, `227 … (10,0,0,1,25,46)`),
 * whichever it is: some answer one with the form of the other. Read as curl, lftp and FileZilla do, with
 * or without parentheses and blanks. Any address in it is ignored: behind NAT it is wrong, and a hostile
 * one would make us connect to a third party. Undefined: there is none.
 */
export function passivePortIn(reply: Reply): number | undefined {
  const text = reply.lines.join(' ');
  const found = reply.code === 227 ? (fromTuple(text) ?? fromBars(text)) : fromEither(text);
  return found !== undefined && found > 0 && found < 65_536 ? found : undefined;
}

function fromEither(text: string): number | undefined {
  return fromBars(text) ?? fromTuple(text) ?? alone(text);
}

/** Four times the same delimiter, any that is printable (RFC 2428, section 2); protocol and address between them. */
function fromBars(text: string): number | undefined {
  const bars =
    /([\x21-\x2b\x2d\x2f\x3b-\x40\x5b-\x60\x7b-\x7e])\s*\d?\s*\1\s*[\w.:%\s-]*?\s*\1\s*(\d{1,5})\s*\1/;
  return numberIn(bars.exec(text)?.[2]);
}

function fromTuple(text: string): number | undefined {
  const tuple = /(?<!\d)(?:\d{1,3}\s*,\s*){4}(\d{1,3})\s*,\s*(\d{1,3})(?!\d)/.exec(text);
  const [high, low] = [numberIn(tuple?.[1]), numberIn(tuple?.[2])];
  if (high === undefined || low === undefined || high > 255 || low > 255) return undefined;
  return high * 256 + low;
}

/** The only number in the text. */
function alone(text: string): number | undefined {
  const numbers = text.match(/\d+/g) ?? [];
  return numbers.length === 1 ? numberIn(numbers[0]) : undefined;
}

function numberIn(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}
