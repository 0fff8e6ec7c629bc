/** Parts of a time that look like the beginning of the name, and how to write them so that they do not. */
const forms: readonly { readonly pattern: RegExp; readonly as: string }[] = [
  { pattern: / ((?:19|20)\d\d) (\d{1,2}:\d\d) /, as: ' $1, $2 ' },
  { pattern: / (\d{1,2}:\d\d) ((?:19|20)\d\d) /, as: ' $2, $1 ' },
  { pattern: / (\d{1,2}:\d\d) ([AaPp][Mm]) /, as: ' $1$2 ' },
];

const usualLine = /^[-bcdlps][-rwxsStT]{9}[^\r\n]*/gm;
const usualTime = / \d{1,2}:\d\d /;

export interface TwoPartTimes {
  /** The line as if its time were of one part. */
  readonly rewrite: (line: string) => string;
  /** Whether the lines of `.` and `..` show that these are times, and no beginnings of names. */
  readonly isCertain: boolean;
}

/**
 * Some servers write year and time together, or the half of the day behind the time. Only where all
 * lines of a listing do so can it be no part of the names. Undefined: it is none of those listings.
 */
export function timesInTwoParts(text: string): TwoPartTimes | undefined {
  for (const { pattern, as } of forms) {
    // Hardly any listing has it anywhere.
    if (!pattern.test(text)) continue;
    const certainty = inAllLines(text, pattern);
    if (certainty === 'no') continue;
    const rewrite = (line: string): string => line.replace(pattern, as);
    return { rewrite, isCertain: certainty === 'certain' };
  }
  return undefined;
}

function inAllLines(text: string, pattern: RegExp): 'no' | 'possible' | 'certain' {
  let certainty: 'no' | 'possible' | 'certain' = 'no';
  for (const [line] of text.matchAll(usualLine)) {
    if (!usualTime.test(line)) continue;
    if (!hasAtTime(line, pattern)) return 'no';
    if (/^ ?\.\.?\/?$/.test(behind(line, pattern))) certainty = 'certain';
    else if (certainty === 'no') certainty = 'possible';
  }
  return certainty;
}

/** Whether the form stands where the time does. */
function hasAtTime(line: string, pattern: RegExp): boolean {
  const at = usualTime.exec(line)?.index ?? 0;
  const found = pattern.exec(line)?.index;
  return found !== undefined && Math.abs(found - at) <= ' 2014'.length;
}

function behind(line: string, pattern: RegExp): string {
  const found = pattern.exec(line);
  return found === null ? '' : line.slice(found.index + found[0].length);
}
