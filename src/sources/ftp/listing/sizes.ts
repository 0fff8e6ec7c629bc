import { sizeIfPossible } from '../../../model/fileSize';

/**
 * The size that a listing tells, in bytes. Undefined where it tells none that can be relied on: a
 * negative one (3 GB where a server counts with 32 bits), one beyond all sense, one that is rounded (`33.5k`).
 */
export function sizeIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,16}$/.test(text)) return sizeIfPossible(Number(text));
  const plain = /^(\d{1,16}) ?(?:B|bytes?)$/i.exec(text)?.[1];
  if (plain !== undefined) return sizeIfPossible(Number(plain));
  return /^\d{1,3}(?:([.,'\xa0])\d{3})(?:\1\d{3}){0,4}$/.test(text)
    ? sizeIfPossible(Number(text.replace(/\D/g, '')))
    : undefined;
}
