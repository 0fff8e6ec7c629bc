import { describe, expect, it } from 'vitest';
import { isSnapshotId, resolveSnapshot, snapshotIdAt } from '../../src/model/snapshotId';

const ids = [
  '2026-11-23T07-00-00Z',
  '2026-11-22T07-00-00Z',
  '2026-11-22T06-00-00Z',
  '2025-01-01T00-00-00Z',
];

describe('the snapshot that a person means', () => {
  it.each([
    ['latest', 0],
    ['latest~0', 0],
    ['latest~3', 3],
    ['2026-11-22T07-00-00Z', 1],
    ['2025', 3],
    ['2026-11-23', 0],
  ])('%s is number %i', (wanted, index) => {
    expect(resolveSnapshot(wanted, ids)).toEqual({ id: ids[index] });
  });

  it.each([
    ['latest~4', 'there are 4 snapshots, so "latest~4" is none of them'],
    ['2026-11-22', '"2026-11-22" fits 2 snapshots'],
    ['', '"" fits 4 snapshots'],
    ['2024', 'no snapshot is called "2024"'],
    ['latest~', 'no snapshot is called "latest~"'],
    ['latest~-1', 'no snapshot is called "latest~-1"'],
    ['..', 'no snapshot is called ".."'],
  ])('%j is none', (wanted, fault) => {
    expect(resolveSnapshot(wanted, ids)).toEqual({ fault });
  });

  it('is none for an empty text, even if there is only one', () => {
    expect(resolveSnapshot('', ids.slice(0, 1))).toEqual({ fault: 'no snapshot is called ""' });
    expect(resolveSnapshot('latest', [])).toHaveProperty('fault');
  });
});

it('an id is its moment, to the second', () => {
  expect(snapshotIdAt(Date.UTC(2026, 10, 23, 7, 0, 0, 999))).toBe('2026-11-23T07-00-00Z');
  expect(isSnapshotId(snapshotIdAt(0))).toBe(true);
  for (const text of [
    '2026-11-23',
    '../2026-11-23T07-00-00Z',
    '2026-11-23T07-00-00Z\n',
    'latest',
  ]) {
    expect(isSnapshotId(text), text).toBe(false);
  }
});
