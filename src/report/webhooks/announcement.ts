import type { News } from '../news';
import type { Outline, Section } from '../outline';
import { valueText } from '../outlineText';
import { oneLine } from '../shownText';

/**
 * What a chat is told: the beginning of a report. Each text is one line without control characters, and short;
 * what it looks like to the service is for its own form to see to, as it may be of a stranger's server.
 */
export interface Announcement {
  readonly subject: string;
  readonly isFailure: boolean;
  /** What it means, and why it went wrong. */
  readonly verdict: string;
  readonly rows: readonly { readonly name: string; readonly value: string }[];
  readonly lines: readonly string[];
}

/* Characters. The shortest limit of a title is Slack's, 150. */
const longestSubject = 140;
const longestVerdict = 500;
const longestValue = 150;
const longestLine = 200;
const mostRows = 10;
const mostLines = 5;

export function announcementOf({ subject, isFailure, outline }: News): Announcement {
  const { verdict, error, figures, sections } = outline;
  const reason = error ? ` ${error.kind}: ${error.message}` : '';
  return {
    subject: cut(subject, longestSubject),
    isFailure,
    verdict: cut(`${verdict}${reason}`, longestVerdict),
    rows: figures.slice(0, mostRows).map((figure) => ({
      name: cut(figure.name, longestValue),
      value: cut(valueText(figure), longestValue),
    })),
    lines: sections.flatMap(linesOf),
  };
}

function linesOf({ title, introduction, lines, more }: Section): string[] {
  const shown = lines.slice(0, mostLines).map(lineText);
  const isAll = lines.length <= mostLines && more === undefined;
  const heading = introduction === undefined ? `${title}:` : `${title}: ${introduction}`;
  return [heading, ...shown, ...(isAll ? [] : ['…'])].map((line) => cut(line, longestLine));
}

function lineText({ mark, path, text }: Outline['sections'][number]['lines'][number]): string {
  const before = mark === undefined ? '' : `${mark} `;
  return text === undefined ? `${before}${path}` : `${before}${path}: ${text}`;
}

/** Never in the middle of a character of two units. */
function cut(text: string, most: number): string {
  const line = oneLine(text);
  if (line.length <= most) return line;
  return `${line.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

/**
 * The longest form of an announcement that a service takes: lines are left out from the end, then rows.
 * @param size of the form, in what the service counts
 */
export function fitted<T>(
  announcement: Announcement,
  form: (announcement: Announcement) => T,
  size: (form: T) => number,
  most: number,
): T {
  let { rows, lines } = announcement;
  for (;;) {
    const made = form({ ...announcement, rows, lines });
    if (size(made) <= most || rows.length + lines.length === 0) return made;
    if (lines.length > 0) lines = lines.slice(0, -1);
    else rows = rows.slice(0, -1);
  }
}

/** As plain text, for services that show it as it is. */
export function plainText({ verdict, rows, lines }: Announcement): string {
  const figures = rows.map(({ name, value }) => `${name}: ${value}`);
  return [verdict, '', ...figures, ...(lines.length > 0 ? [''] : []), ...lines].join('\n');
}
