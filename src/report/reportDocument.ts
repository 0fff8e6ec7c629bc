import type { Figure, Outline, Section } from './outline';
import { oneLine } from './shownText';

/** A link beside the verdict; its target stands beside the document. */
export interface Link {
  readonly text: string;
  readonly target: string;
}

/** An outline as a Markdown document for people. Names from the server are never markup. */
export function outlineDocument(outline: Outline, link?: Link): string {
  const linked = link ? [`[${escaped(link.text)}](${link.target})`, ''] : [];
  const sections = outline.sections.flatMap(section);
  return [...heading(outline), ...linked, ...figures(outline), ...sections].join('\n');
}

function heading({ title, verdict, error }: Outline): string[] {
  const reason = error ? ['', `> **${escaped(error.kind)}**: ${escaped(error.message)}`] : [];
  return [`# ${escaped(title)}`, '', `**${escaped(verdict)}**`, ...reason, ''];
}

function figures({ figures: rows }: Outline): string[] {
  return ['| | |', '|---|---:|', ...rows.map((row) => `| ${row.name} | ${figure(row)} |`), ''];
}

function figure({ value, form }: Figure): string {
  if (form === 'text') return value;
  return form === 'code' ? code(value) : localTime(value);
}

function section({ title, introduction, lines, more }: Section): string[] {
  const shown = lines.map(({ mark, path, text, kind }) => {
    const before = mark === undefined ? '' : `**${mark}** `;
    const after = text === undefined ? '' : `: ${escaped(text)}`;
    return `- ${before}${code(path)}${after}${kind === undefined ? '' : ` (${escaped(kind)})`}`;
  });
  return [
    `## ${escaped(title)}`,
    '',
    ...(introduction === undefined ? [] : [introduction, '']),
    ...shown,
    ...(more === undefined ? [] : ['', more]),
    '',
  ];
}

function localTime(iso: string): string {
  const moment = new Date(iso);
  return Number.isNaN(moment.getTime()) ? escaped(iso) : moment.toLocaleString();
}

/** Text that Markdown shows as it is. */
function escaped(text: string): string {
  return oneLine(text).replaceAll(/[\\`*_{}[\]<>()#+!|~&]/g, String.raw`\$&`);
}

/** A code span that nothing in the text can end: its fence is longer than any run of backticks in it. */
function code(text: string): string {
  const line = oneLine(text).replaceAll('|', '\u2502');
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return longest > 0 ? `${fence} ${line} ${fence}` : `${fence}${line}${fence}`;
}
