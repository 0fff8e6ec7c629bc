import cronstrue from 'cronstrue';
import 'cronstrue/locales/fr';
import type { Schedule } from './schedule';

/** A time of every day, of which the library would say the time only. */
const everyDay = /^(?:@daily|@midnight|(?:\d+ )?[\d,-]+ [\d,-]+ \* \* \*)$/;

/** The schedule in words: `At 07:00, every day`, `À 07:00, tous les jours (Europe/Paris)`. */
export function scheduleWords({ text, timeZone }: Schedule, language: string): string {
  const french = language.toLowerCase().startsWith('fr');
  const words = cronstrue.toString(text, {
    locale: french ? 'fr' : 'en',
    use24HourTimeFormat: true,
    verbose: everyDay.test(text),
    throwExceptionOnParseError: false,
  });
  return timeZone === undefined ? words : `${words} (${timeZone})`;
}
