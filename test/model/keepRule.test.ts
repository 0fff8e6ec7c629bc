import { expect, it } from 'vitest';
import { keepRuleText, parseKeepRule } from '../../src/model/retention/keepRule';

it.each([
  ['last 3, daily 7', { last: 3, daily: 7 }],
  ['7 daily; 4 weekly 12 monthly', { daily: 7, weekly: 4, monthly: 12 }],
  ['WITHIN 1y6m, yearly: 10', { within: '1y6m', yearly: 10 }],
  ['hourly 0, daily 2', { hourly: 0, daily: 2 }],
])('understands %j', (typed, keep) => {
  expect(parseKeepRule(typed)).toEqual(keep);
});

it.each([
  ...['', 'daily', 'daily seven', '7 7', 'daily daily', 'daily 7 weekly', 'forever 3'],
  ...[
    'daily 3, daily 4',
    'within 30',
    'within 30d within 3d',
    'daily -1',
    'daily 10001',
    'daily 1e3',
  ],
  // It would keep nothing: that is no rule.
  ...['daily 0', 'last 0, weekly 0'],
])('does not understand %j', (typed) => {
  expect(parseKeepRule(typed)).toBeUndefined();
});

it('writes what it understands again', () => {
  const keep = { last: 3, hourly: 24, daily: 7, weekly: 4, monthly: 12, yearly: 3, within: '30d' };
  expect(parseKeepRule(keepRuleText(keep))).toEqual(keep);
  expect(keepRuleText({ last: 0, daily: 7 })).toBe('daily 7');
  expect(keepRuleText(undefined)).toBe('');
});
