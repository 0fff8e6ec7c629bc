import { InputBoxValidationSeverity, l10n, type InputBoxValidationMessage } from 'vscode';
import { keepRuleText, parseKeepRule } from '../../model/retention/keepRule';
import type { Keep } from '../../model/retention/retention';
import type { ChoiceItem } from '../steps';

/** How long to keep: a rule, or everything. */
export type KeepChoice = Keep | 'everything';

/** As people say it, the usual one first. */
export function keepPresets(): ChoiceItem<KeepChoice>[] {
  const presets: [string, KeepChoice][] = [
    [
      l10n.t('A week of days, a month of weeks, a year of months'),
      { last: 3, daily: 7, weekly: 4, monthly: 12 },
    ],
    [l10n.t('The same, and ten years'), { last: 3, daily: 7, weekly: 4, monthly: 12, yearly: 10 }],
    [l10n.t('All of a month, then a year of months'), { within: '30d', monthly: 12 }],
    [
      l10n.t('A day of hours, a week of days, a month of weeks'),
      { last: 3, hourly: 24, daily: 7, weekly: 4 },
    ],
    [l10n.t('Two weeks of days'), { last: 3, daily: 14 }],
    [l10n.t('Everything, for ever'), 'everything'],
  ];
  return presets.map(([label, value]) => ({
    label,
    value,
    detail: value === 'everything' ? l10n.t('The disk fills up.') : keepText(value),
  }));
}

export function isSameKeep(one: KeepChoice, other: KeepChoice): boolean {
  return ruleOf(one) === ruleOf(other);
}

function ruleOf(choice: KeepChoice): string {
  return choice === 'everything' ? '' : keepRuleText(choice);
}

/** `the last 3, 7 days, 4 weeks`: what a rule keeps, in the person's language. */
export function keepText(keep: Keep): string {
  const { last = 0, hourly = 0, daily = 0, weekly = 0, monthly = 0, yearly = 0, within } = keep;
  const counts = [
    [hourly, 'h'],
    [daily, 'd'],
    [weekly, 'w'],
    [monthly, 'm'],
    [yearly, 'y'],
  ] as const;
  return [
    ...(last > 0 ? [l10n.t('the last {0}', last)] : []),
    ...counts.flatMap(([count, unit]) => (count > 0 ? [unitText(count, unit)] : [])),
    ...(within === undefined ? [] : [l10n.t('all of {0}', spanText(within))]),
  ].join(', ');
}

/** `30 days`, of a span as the configuration has it. */
export function spanText(span: string): string {
  const parts = [...span.matchAll(/(\d+)([hdwmy])/g)];
  return parts.map(([, count, unit]) => unitText(Number(count), unit as Unit)).join(' ');
}

type Unit = 'h' | 'd' | 'w' | 'm' | 'y';

function unitText(count: number, unit: Unit): string {
  const isOne = count === 1;
  switch (unit) {
    case 'h':
      return isOne ? l10n.t('1 hour') : l10n.t('{0} hours', count);
    case 'd':
      return isOne ? l10n.t('1 day') : l10n.t('{0} days', count);
    case 'w':
      return isOne ? l10n.t('1 week') : l10n.t('{0} weeks', count);
    case 'm':
      return isOne ? l10n.t('1 month') : l10n.t('{0} months', count);
    case 'y':
      return isOne ? l10n.t('1 year') : l10n.t('{0} years', count);
  }
}

/** What is wrong with a rule that a person typed, or undefined. */
export function wrongRule(typed: string): string | undefined {
  if (parseKeepRule(typed)) return undefined;
  return l10n.t(
    'Accepted are last, hourly, daily, weekly, monthly, yearly with a number, and within with a span: {0}',
    'last 3, daily 7, within 30d',
  );
}

/** What a person may type, and what it says. */
export function faultOfRule(typed: string): InputBoxValidationMessage | string {
  const keep = parseKeepRule(typed);
  if (!keep) return wrongRule(typed) ?? '';
  const message = l10n.t('Stays: {0}', keepText(keep));
  return { message, severity: InputBoxValidationSeverity.Info };
}
