import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeEntry,
  encodeEntry,
  isHeader,
  isTotals,
  type ManifestEntry,
} from '../../src/model/manifest';
import { faultOfName, fromBytes, type RemotePath } from '../../src/model/remotePath';

const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 12 })
  .map((array) => Buffer.from(array).toString('latin1'));
const name = fc
  .oneof(
    bytes,
    fc.string({ unit: 'grapheme', minLength: 1 }).map((text) => fromBytes(Buffer.from(text))),
  )
  .filter((text) => faultOfName(text) === undefined);
const path = fc
  .array(name, { minLength: 1, maxLength: 4 })
  .map((names) => names.join('/') as RemotePath);
const id = fc.constantFrom('2026-11-23T07-00-00Z', '2024-02-29T00-00-00Z');

const entry: fc.Arbitrary<ManifestEntry> = fc.record(
  {
    path,
    type: fc.constantFrom('file', 'directory', 'symlink', 'other'),
    size: fc.maxSafeNat(),
    mtime: fc.integer({ min: -4e9, max: 8e9 }).map((seconds) => seconds + 0.123456),
    granularity: fc.constantFrom(0.000_001, 1, 60, 86_400),
    mode: fc.nat(0o7777),
    sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
    target: bytes,
    local: path,
    carried: id,
    skipped: fc.record({ kind: fc.constant('permission'), message: fc.string() }),
  },
  { requiredKeys: ['path', 'type'] },
);

describe('a line of the manifest', () => {
  it('brings back any bytes in path, target and local', () => {
    fc.assert(
      fc.property(entry, (original) => {
        const line = encodeEntry(original);
        expect(line).not.toContain('\n');
        expect(decodeEntry(line)).toEqual(original);
      }),
      { numRuns: 1000 },
    );
  });

  it('brings back any bytes whatever encoding shows them', () => {
    fc.assert(
      fc.property(
        entry,
        fc.constantFrom('latin1', 'shift_jis', 'utf-16le'),
        (original, encoding) => {
          const decoder = new TextDecoder(encoding);
          const line = encodeEntry(original, (raw) => decoder.decode(raw));
          expect(decodeEntry(line)).toEqual(original);
        },
      ),
    );
  });

  it('has the fields of the format, and only those that apply', () => {
    const file: ManifestEntry = {
      path: 'var/www/index.php' as RemotePath,
      type: 'file',
      size: 12,
      mtime: 1_700_000_000.123456,
      mode: 0o644,
      sha256: 'a'.repeat(64),
      granularity: 0.000_001,
    };
    expect(encodeEntry(file)).toBe(
      `{"path":"var/www/index.php","type":"file","size":12,"mtime":1700000000.123456,"mode":420,"sha256":"${'a'.repeat(64)}","granularity":0.000001}`,
    );
    expect(encodeEntry({ path: 'caf\xe9' as RemotePath, type: 'symlink', target: '../x' })).toBe(
      '{"path":"caf\ufffd","type":"symlink","target":"../x","rawPath":"Y2Fm6Q=="}',
    );
    expect(
      encodeEntry({
        path: fromBytes(Buffer.from('é')),
        type: 'directory',
        local: 'x',
        carried: '2026-11-23T07-00-00Z',
        skipped: { kind: 'permission', message: 'No.' },
      }),
    ).toBe(
      '{"path":"é","type":"directory","local":"x","carried":"2026-11-23T07-00-00Z","skipped":{"kind":"permission","message":"No."}}',
    );
  });
});

describe('a manifest from a stranger', () => {
  const base64 = (text: string): string => Buffer.from(text, 'latin1').toString('base64');

  it.each(
    [
      ['', '/etc/passwd', '../x', 'a/../../x', 'a/..', '.', 'a//b', 'a/', 'a\u0000b', 'a/./b'].map(
        (text) => ({ path: text, type: 'file' }),
      ),
      ['/tmp/x', '..', '../x', '', 'a//b', 'a/../..', 'a\u0000'].map((local) => ({
        path: 'a',
        type: 'file',
        local,
      })),
      [
        { path: 'a', rawPath: base64('../x'), type: 'file' },
        { path: 'a', rawPath: base64('/x'), type: 'file' },
        { path: 'a', type: 'file', local: 'b', rawLocal: base64('../b') },
        { path: 'a' },
        { path: 'a', type: 'door' },
        { path: 5, type: 'file' },
        { path: 'a', type: 'file', size: -1 },
        { path: 'a', type: 'file', size: '1' },
        { path: 'a', type: 'file', mtime: 'now' },
        { path: 'a', type: 'file', mode: 0.5 },
        { path: 'a', type: 'file', local: ['..'] },
        { path: 'a', type: 'file', sha256: {} },
        { path: 'a', type: 'file', carried: '../../x' },
        { path: 'a', type: 'file', skipped: 'yes' },
        [],
        null,
        'a',
        5,
      ],
    ].flat(),
  )('is refused: %j', (line) => {
    expect(() => decodeEntry(JSON.stringify(line))).toThrow(
      expect.objectContaining({ kind: 'protocol', scope: 'run' }),
    );
  });

  it.each(['', '{', '{"path":"a","type":"file"', 'x', '\0\0\0'])('is refused: %j', (line) => {
    expect(() => decodeEntry(line)).toThrow('The manifest is damaged');
  });

  it('has no header that names a folder elsewhere', () => {
    const header = { format: 1, snapshot: '2026-11-23T07-00-00Z' };
    expect(isHeader(header)).toBe(true);
    for (const snapshot of ['../..', '2026-11-23T07-00-00Z/..', '', undefined, 5]) {
      expect(isHeader({ ...header, snapshot })).toBe(false);
    }
    expect(isHeader({ ...header, format: 2 })).toBe(false);
    expect(isHeader(null)).toBe(false);
  });

  it('has totals with a status that there is', () => {
    expect(isTotals({ status: 'complete', digest: 'x' })).toBe(true);
    expect(isTotals({ status: 'fine', digest: 'x' })).toBe(false);
    expect(isTotals({ status: 'complete', digest: 5 })).toBe(false);
    expect(isTotals(null)).toBe(false);
  });
});
