import { isText } from '../textContent';

/** Compressed formats, which look like noise behind their first bytes, and are none. */
const signatures = [
  '504b0304', // zip, docx, jar
  '1f8b', // gzip
  '425a68', // bzip2
  'fd377a585a00', // xz
  '28b52ffd', // zstd
  '377abcaf271c', // 7z
  '52617221', // rar
  'ffd8ff', // jpeg
  '89504e47', // png
  '47494638', // gif
  '52494646', // webp, avi, wav
  '25504446', // pdf
  '4f676753', // ogg
  '494433', // mp3
  'fffb', // mp3 without tags
  '774f4632', // woff2
  '774f4646', // woff
  '664c6143', // flac
  '1a45dfa3', // matroska, webm
  'd0cf11e0', // old Office
];

/** ISO media: mp4, heic, avif have their mark behind a length. */
const markOfMedia = Buffer.from('ftyp');

/**
 * Whether the beginning of a file looks like what encryption leaves: no text, no known format, and all
 * bytes about equally frequent.
 */
export function isNoise(head: Buffer): boolean {
  if (head.length < 16 || isText(head) || hasSignature(head)) return false;
  return entropyOf(head) > 0.9 * entropyOfNoise(head.length);
}

/** Whether what was text, or had a known format, has become noise. */
export function becameNoise(before: Buffer, after: Buffer): boolean {
  const wasKnown = isText(before) || hasSignature(before);
  return wasKnown && isNoise(after);
}

function hasSignature(head: Buffer): boolean {
  if (head.subarray(4, 8).equals(markOfMedia)) return true;
  const start = head.subarray(0, 8).toString('hex');
  return signatures.some((signature) => start.startsWith(signature));
}

/** Bits a byte. */
function entropyOf(bytes: Buffer): number {
  const counts = new Uint32Array(256);
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1;
  let bits = 0;
  for (const count of counts) {
    if (count > 0) bits -= (count / bytes.length) * Math.log2(count / bytes.length);
  }
  return bits;
}

/** So few bytes cannot have all values: what truly random ones reach at least, about. */
function entropyOfNoise(length: number): number {
  const seldom = 256 * (1 - Math.exp(-length / 256));
  return Math.min(8, Math.log2(Math.min(length, seldom)));
}
