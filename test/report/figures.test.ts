import { expect, it } from 'vitest';
import { bytesText, countText, durationText } from '../../src/report/figures';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [14_300, '14 kB'],
  [999_600, '1.0 MB'],
  [1_500_000_000, '1.5 GB'],
])('shows %d bytes', (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

it.each([
  [1, '1 file'],
  [0, '0 files'],
  [1204, '1,204 files'],
  [1_234_567, '1,234,567 files'],
])('counts %d', (count, text) => {
  expect(countText(count, 'file')).toBe(text);
});

it.each([
  [0.04, '0 s'],
  [2.13, '2.1 s'],
  [45, '45 s'],
  [3 * 60 + 10, '3 min'],
  [3 * 3600 + 12 * 60, '3 h 12 min'],
])('shows %d seconds', (seconds, text) => {
  expect(durationText(seconds)).toBe(text);
});
