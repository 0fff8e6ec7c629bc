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
  const lines = [...text.matchAll(usualLine)].map(([line]) => line);
  const timed = lines.filter((line) => usualTime.test(line));
  const form = forms.find(
    ({ pattern }) => timed.length > 0 && timed.every((line) => hasAtTime(line, pattern)),
  );
  if (form === undefined) return undefined;
  const rewrite = (line: string): string => line.replace(form.pattern, form.as);
  const isCertain = timed.some((line) => /^ ?\.\.?\/?$/.test(behind(line, form.pattern)));
  return { rewrite, isCertain };
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
