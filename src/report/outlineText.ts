import type { Figure, Outline, Section } from './outline';
import { oneLine } from './shownText';

/** An outline as plain text, for a mail. Each text of the server stays on one line. */
export function outlineText(outline: Outline): string {
  const { title, verdict, error, figures, sections } = outline;
  const width = Math.max(0, ...figures.map(({ name }) => name.length));
  const rows = figures.map((row) => `${row.name.padEnd(width)}  ${oneLine(valueText(row))}`);
  const reason = error ? [`${oneLine(error.kind)}: ${oneLine(error.message)}`] : [];
  const lines = [oneLine(title), '', verdict, ...reason, '', ...rows, ''];
  return [...lines, ...sections.flatMap(sectionText)].join('\n');
}

/** A moment in UTC, to the second: a mail is read elsewhere than it was written. */
export function valueText({ value, form }: Figure): string {
  if (form !== 'time') return value;
  return /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{3}Z$/.test(value)
    ? `${value.slice(0, 10)} ${value.slice(11, 19)} UTC`
    : value;
}

function sectionText({ title, introduction, lines, more }: Section): string[] {
  const shown = lines.flatMap(({ mark, path, text, kind }) => {
    const first = `  ${mark === undefined ? '' : `${mark} `}${oneLine(path)}`;
    if (text === undefined) return [first];
    return [first, `      ${oneLine(text)}${kind === undefined ? '' : ` (${oneLine(kind)})`}`];
  });
  const before = introduction === undefined ? [] : [introduction];
  return [oneLine(title), ...before, '', ...shown, ...(more === undefined ? [] : [more]), ''];
}
