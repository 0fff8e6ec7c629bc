import { expect, it } from 'vitest';
import { parseDuration, parseShare } from '../../src/model/amount';
import { isRereadDue } from '../../src/model/reread';

const day = 86_400_000;
const now = Date.parse('2026-11-28T07:00:00Z');

it.each([
  ['daily', undefined, true],
  ['daily', 0.4, false],
  ['daily', 0.9, true],
  ['weekly', 6.5, false],
  ['weekly', 6.99, true],
  ['monthly', 29, false],
  ['monthly', 29.9, true],
  ['quarterly', 90, false],
  ['quarterly', 91, true],
  ['yearly', 364, false],
  ['yearly', 400, true],
  // The clock was wrong then.
  ['monthly', -400, true],
  ['monthly', -0.5, false],
] as const)('%s, the last one %s days ago: %s', (period, days, due) => {
  const last = days === undefined ? undefined : now - days * day;
  expect(isRereadDue(period, last, now)).toBe(due);
});

it.each([
  ['10%', 0.1],
  ['0.5 %', 0.005],
  ['100%', 1],
  ['0%', undefined],
  ['101%', undefined],
  ['10', undefined],
  ['-1%', undefined],
  ['1e1%', undefined],
])('the share %s', (text, share) => {
  expect(parseShare(text)).toEqual(share === undefined ? undefined : { share });
});

it.each([
  ['90s', 90],
  ['10m', 600],
  ['1h30m', 5400],
  ['1 h 30 m', 5400],
  ['2d', 172_800],
  ['0s', undefined],
  ['15d', undefined],
  ['10', undefined],
  ['m', undefined],
  ['10 minutes', undefined],
])('the time %s', (text, seconds) => {
  expect(parseDuration(text)).toEqual(
    seconds === undefined ? undefined : { milliseconds: 1000 * seconds },
  );
});
