import type { Outline, Section } from './outline';
import { valueText } from './outlineText';
import { oneLine } from './shownText';

/** An outline as an HTML document, for a mail. It loads nothing, and no text of the server is markup. */
export function outlineHtml(outline: Outline): string {
  return [
    '<!doctype html>',
    `<html><head><meta charset="utf-8"><title>${escapedHtml(outline.title)}</title></head>`,
    '<body style="font-family: sans-serif">',
    ...outlineBody(outline),
    '</body></html>',
    '',
  ].join('\n');
}

/**
 * What stands in the body of such a document.
 * @param under HTML that is put under the verdict, or under the heading of a section
 */
export function outlineBody(
  { title, verdict, error, figures, sections }: Outline,
  under: (section?: Section) => string = () => '',
): string[] {
  const reason = error
    ? [`<p><strong>${escapedHtml(error.kind)}</strong>: ${escapedHtml(error.message)}</p>`]
    : [];
  const rows = figures.map((row) => {
    const value = escapedHtml(valueText(row));
    return `<tr><th align="left">${escapedHtml(row.name)}</th><td>${row.form === 'code' ? `<code>${value}</code>` : value}</td></tr>`;
  });
  return [
    `<h1>${escapedHtml(title)}</h1>`,
    `<p><strong>${escapedHtml(verdict)}</strong></p>`,
    ...added(under()),
    ...reason,
    '<table cellpadding="3">',
    ...rows,
    '</table>',
    ...sections.flatMap((one) => section(one, under(one))),
  ];
}

function added(html: string): string[] {
  return html === '' ? [] : [html];
}

function section({ title, introduction, lines, more }: Section, under: string): string[] {
  const shown = lines.map(({ mark, path, text, kind }) => {
    const before = mark === undefined ? '' : `<strong>${escapedHtml(mark)}</strong> `;
    const after = text === undefined ? '' : `: ${escapedHtml(text)}`;
    const reason = kind === undefined ? '' : ` (${escapedHtml(kind)})`;
    return `<li>${before}<code>${escapedHtml(path)}</code>${after}${reason}</li>`;
  });
  const paragraph = (text: string | undefined): string[] =>
    text === undefined ? [] : [`<p>${escapedHtml(text)}</p>`];
  const list = shown.length > 0 ? ['<ul>', ...shown, '</ul>'] : [];
  return [
    `<h2>${escapedHtml(title)}</h2>`,
    ...added(under),
    ...paragraph(introduction),
    ...list,
    ...paragraph(more),
  ];
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Nearly all texts; for the others, two searches of which one knows all of Unicode. */
const harmless = /^[\w ,.:;/()+-]*$/;

/** Text that HTML shows as it is. */
export function escapedHtml(text: string): string {
  if (harmless.test(text)) return text;
  return oneLine(text).replaceAll(/[&<>"']/g, (character) => entities[character] ?? '');
}
