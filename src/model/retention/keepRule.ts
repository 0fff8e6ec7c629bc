import type { Keep } from './retention';
import { spanForm } from './span';

const counted = ['last', 'hourly', 'daily', 'weekly', 'monthly', 'yearly'] as const;
type Counted = (typeof counted)[number];

/** As the configuration allows. */
const mostOfOne = 10_000;

/** A rule as a person types it: `last 3, daily 7, within 30d`. Empty where everything stays. */
export function keepRuleText(keep: Keep | undefined): string {
  if (!keep) return '';
  const counts = counted.flatMap((name) => {
    const count = keep[name] ?? 0;
    return count > 0 ? [`${name} ${count}`] : [];
  });
  return [...counts, ...(keep.within === undefined ? [] : [`within ${keep.within}`])].join(', ');
}

/**
 * Reads what a person typed: the words of the configuration with their numbers, in any order, `7 daily`
 * as well as `daily 7`. Undefined if it is not understood, or would keep nothing.
 */
export function parseKeepRule(text: string): Keep | undefined {
  const words = text
    .toLowerCase()
    .split(/[\s,;:]+/)
    .filter(Boolean);
  if (words.length === 0 || words.length % 2 !== 0) return undefined;
  const keep: Keep = {};
  for (let at = 0; at < words.length; at += 2) {
    const one = parsePart(words[at] ?? '', words[at + 1] ?? '');
    const [name = ''] = Object.keys(one ?? {});
    if (!one || Object.hasOwn(keep, name)) return undefined;
    Object.assign(keep, one);
  }
  return keepRuleText(keep) === '' ? undefined : keep;
}

/** One part of a rule, whichever of the two is the name. */
function parsePart(first: string, second: string): Keep | undefined {
  const [name, value] = isName(first) ? [first, second] : [second, first];
  if (!isName(name)) return undefined;
  if (name === 'within') return spanForm.test(value) ? { within: value } : undefined;
  const count = countOf(value);
  return count === undefined ? undefined : { [name]: count };
}

function isName(word: string): word is Counted | 'within' {
  return word === 'within' || (counted as readonly string[]).includes(word);
}

function countOf(text: string): number | undefined {
  const count = /^\d{1,5}$/.test(text) ? Number(text) : Infinity;
  return count <= mostOfOne ? count : undefined;
}
