import { bytesOf, isText, textOf } from '../../model/remotePath';

/*
 * restic's patterns are those of Go's filepath.Match: `*`, `?`, `[…]`, and a backslash in front of what is
 * meant as it is (not on Windows, where a class of one character says the same). One that begins with a
 * slash stands for the path from the root on.
 */

/** A pattern that means a path, given as a byte string; arguments are text, so what is none is left open. */
export function patternOf(path: string): string {
  const names = path.split('/').map((name) => (isText(name) ? escaped(textOf(name)) : gaps(name)));
  return `/${names.join('/')}`;
}

/** Decoders differ in how many characters they make of bytes that are none: any number of them will do. */
function gaps(name: string): string {
  return escaped(bytesOf(name).toString('utf8')).replaceAll(/\ufffd+/g, '*');
}

function escaped(text: string): string {
  if (process.platform === 'win32') return text.replaceAll('[', '[[]');
  return text.replaceAll(/[*?[\]\\]/g, (character) => `\\${character}`);
}
