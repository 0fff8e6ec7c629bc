import * as z from 'zod/mini';
import { spanForm } from '../retention/span';
import { described, wholeNumber } from './schemaRules';

const anySpan = 'a span such as "30d", "12h", "2w", "6m" or "1y"';
/** Which snapshots, or copies of them, stay. */
export const keepSchema = z.strictObject(
  {
    last: z.optional(described(wholeNumber(0, 10_000), 'The newest snapshots, however close.')),
    hourly: z.optional(described(wholeNumber(0, 10_000), 'The newest snapshot of so many hours.')),
    daily: z.optional(described(wholeNumber(0, 10_000), 'The newest snapshot of so many days.')),
    weekly: z.optional(described(wholeNumber(0, 10_000), 'The newest snapshot of so many weeks.')),
    monthly: z.optional(
      described(wholeNumber(0, 10_000), 'The newest snapshot of so many months.'),
    ),
    yearly: z.optional(described(wholeNumber(0, 10_000), 'The newest snapshot of so many years.')),
    within: z.optional(
      described(
        z.string({ error: anySpan }).check(z.regex(spanForm, { error: anySpan })),
        'All snapshots that are so old at most, counted from the newest, such as "30d".',
      ),
    ),
  },
  { error: 'an object with counts such as { "daily": 7 }' },
);
