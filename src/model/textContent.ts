/**
 * Whether the beginning of a file is text: nothing in it that no text has, as far as it is in UTF-8, in
 * UTF-16 with its mark, or in one of the encodings of one byte a character. Of an empty file: false.
 *
 * @param head some hundred bytes or more, unless the file is shorter
 */
export function isText(head: Buffer): boolean {
  if (head.length === 0) return false;
  const mark = head.readUIntBE(0, Math.min(2, head.length));
  if (mark === 0xfffe || mark === 0xfeff) return true;
  return !head.some((byte) => isNoText(byte));
}

/** A control character that is no blank, line end, page end or escape. */
function isNoText(byte: number): boolean {
  if (byte === 0x7f) return true;
  return byte < 0x20 && !(byte >= 0x08 && byte <= 0x0d) && byte !== 0x1b;
}

/** A text, whatever of the usual encodings it is in: UTF-16 with its mark, UTF-8, else latin1. */
export function decodeText(content: Buffer): string {
  const mark = content.toString('hex', 0, 2);
  if (mark === 'fffe') return new TextDecoder('utf-16le').decode(content);
  if (mark === 'feff') return new TextDecoder('utf-16be').decode(content);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return content.toString('latin1');
  }
}
