import { describe, expect, it } from 'vitest';
import { listParser } from '../../src/sources/ftp/listing/listParser';
import { withOrder } from '../../src/sources/ftp/listing/dateOrder';
import { parseListing } from '../../src/sources/ftp/listing/parseListing';
import type { Listed } from '../../src/sources/ftp/listing/listed';
import { dosLines } from '../servers/listings/dosLines';
import { languageLines } from '../servers/listings/languageLines';
import { listedAt, type ExpectedEntry } from '../servers/listings/listingCase';
import { rareLines } from '../servers/listings/rareLines';
import { unixLines } from '../servers/listings/unixLines';

function told({ name, type, size, mtime, target }: Listed): ExpectedEntry {
  return {
    ...{ name, type },
    ...(size !== undefined && { size }),
    ...(mtime !== undefined && { mtime }),
    ...(target !== undefined && { target }),
  };
}

describe.each([
  ['Unix', unixLines],
  ['localised', languageLines],
  ['DOS', dosLines],
  ['rare', rareLines],
] as const)('LIST of %s servers', (_kind, cases) => {
  it.each(cases.map((one) => [one.what, one] as const))('%s', (_what, { lines, entries }) => {
    for (const end of ['\r\n', '\n']) {
      const text = lines.map((line) => line + end).join('');
      const parser = listParser(text, listedAt / 1000);
      const listing = parseListing(text, parser.line);
      expect(listing.strange).toEqual([]);
      expect(listing.named).toEqual([]);
      const found = withOrder(listing.entries, parser.order()).map(told);
      expect(found).toEqual(entries.map((entry) => ({ type: 'file', ...entry })));
    }
  });
});
