import { TextDecoder } from 'node:util';
import { BackupError } from '../../base/errors';
import { bytesOf, isText, textOf, type RemotePath } from '../../model/remotePath';

/**
 * Names as the server spells them, and as we do: in UTF-8 wherever the configured encoding tells how
 * to read them. Both are byte strings.
 */
export interface WireNames {
  fromWire(name: string): string;
  toWire(path: RemotePath): string;
}

const plain: WireNames = { fromWire: (name) => name, toWire: (path) => path };

/** The translation for a server's `encoding`. Throws `configuration` if no such encoding is known. */
export function wireNamesOf(encoding: string): WireNames {
  if (/^utf-?8$/i.test(encoding)) return plain;
  const decoder = decoderOf(encoding);
  const bytes = bytesByCharacter(decoder);
  return {
    fromWire: (name) => {
      const text = decoder.decode(bytesOf(name));
      // What does not survive the way there and back stays as it is.
      if (encoded(text, bytes) !== name) return name;
      return Buffer.from(text, 'utf8').toString('latin1');
    },
    toWire: (path) => (isText(path) ? (encoded(textOf(path), bytes) ?? path) : path),
  };
}

function decoderOf(encoding: string): TextDecoder {
  try {
    return new TextDecoder(encoding);
  } catch (error) {
    throw new BackupError('configuration', `The encoding "${encoding}" is not known.`, {
      cause: error,
    });
  }
}

function encoded(text: string, bytes: ReadonlyMap<string, string>): string | undefined {
  let result = '';
  for (const character of text) {
    const found = bytes.get(character);
    if (found === undefined) return undefined;
    result += found;
  }
  return result;
}

/** Node only encodes UTF-8; the way back is a table of all sequences of one and two bytes. */
function bytesByCharacter(decoder: TextDecoder): Map<string, string> {
  const table = new Map<string, string>();
  const add = (sequence: number[]): void => {
    const text = decoder.decode(Uint8Array.from(sequence));
    const single = Array.from(text).length === 1 && text !== '\ufffd';
    if (single && !table.has(text)) table.set(text, String.fromCharCode(...sequence));
  };
  for (let first = 0; first < 256; first += 1) add([first]);
  for (let first = 0x80; first < 256; first += 1) {
    for (let second = 0x30; second < 256; second += 1) add([first, second]);
  }
  return table;
}
