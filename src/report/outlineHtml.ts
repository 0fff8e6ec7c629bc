import type { Outline, Section } from './outline';
import { valueText } from './outlineText';
import { oneLine } from './shownText';

/** An outline as an HTML document, for a mail. It loads nothing, and no text of the server is markup. */
export function outlineHtml({ title, verdict, error, figures, sections }: Outline): string {
  const reason = error
    ? [`<p><strong>${escaped(error.kind)}</strong>: ${escaped(error.message)}</p>`]
    : [];
  const rows = figures.map((row) => {
    const value = escaped(valueText(row));
    return `<tr><th align="left">${escaped(row.name)}</th><td>${row.form === 'code' ? `<code>${value}</code>` : value}</td></tr>`;
  });
  return [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escaped(title)}</title></head>`,
    '<body style="font-family: sans-serif">',
    `<h1>${escaped(title)}</h1>`,
    `<p><strong>${escaped(verdict)}</strong></p>`,
    ...reason,
    '<table cellpadding="3">',
    ...rows,
    '</table>',
    ...sections.flatMap(section),
    '</body></html>',
    '',
  ].join('\n');
}

function section({ title, introduction, lines, more }: Section): string[] {
  const shown = lines.map(({ mark, path, text, kind }) => {
    const before = mark === undefined ? '' : `<strong>${escaped(mark)}</strong> `;
    const after = text === undefined ? '' : `: ${escaped(text)}`;
    const reason = kind === undefined ? '' : ` (${escaped(kind)})`;
    return `<li>${before}<code>${escaped(path)}</code>${after}${reason}</li>`;
  });
  const paragraph = (text: string | undefined): string[] =>
    text === undefined ? [] : [`<p>${escaped(text)}</p>`];
  const list = shown.length > 0 ? ['<ul>', ...shown, '</ul>'] : [];
  return [`<h2>${escaped(title)}</h2>`, ...paragraph(introduction), ...list, ...paragraph(more)];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return oneLine(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
