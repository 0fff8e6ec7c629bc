import type { Announcement } from './announcement';
import { escaped } from './escaped';

/**
 * A message for a workflow of Teams: an Adaptive Card (adaptivecards.io, version 1.4) in a message. Texts stand
 * in text runs, as a plain text block would read them as Markdown. A message may have 28 kB.
 */
export function teamsMessage({ subject, isFailure, verdict, rows, lines }: Announcement): object {
  const body = [
    richText([run(subject, { weight: 'Bolder', size: 'Medium', color: colourOf(isFailure) })]),
    richText([run(verdict)]),
    ...rows.map(({ name, value }) =>
      richText([run(`${name}: `, { weight: 'Bolder' }), run(value)]),
    ),
    ...lines.map((line) => richText([run(line, { fontType: 'Monospace', size: 'Small' })])),
  ];
  const content = {
    $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
    type: 'AdaptiveCard',
    version: '1.4',
    fallbackText: subject,
    msteams: { width: 'Full' },
    body,
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

function richText(inlines: readonly object[]): object {
  return { type: 'RichTextBlock', inlines, spacing: 'Small' };
}

function run(text: string, style: Readonly<Record<string, string>> = {}): object {
  // An empty run is none.
  return { type: 'TextRun', text: text === '' ? ' ' : text, ...style };
}

function colourOf(isFailure: boolean): string {
  return isFailure ? 'Attention' : 'Good';
}

/**
 * The older card of an Office 365 connector (actionable message cards, `MessageCard`). Without Markdown a text
 * is read as HTML.
 */
export function connectorMessage(announcement: Announcement): object {
  const { subject, isFailure, verdict, rows, lines } = announcement;
  return {
    '@type': 'MessageCard',
    '@context': 'http://schema.org/extensions',
    themeColor: isFailure ? 'D1242F' : '1A7F37',
    summary: escaped(subject),
    sections: [
      {
        markdown: false,
        activityTitle: escaped(subject),
        text: escaped(verdict),
        facts: rows.map(({ name, value }) => ({ name: escaped(name), value: escaped(value) })),
      },
      ...(lines.length > 0 ? [{ markdown: false, text: lines.map(escaped).join('<br>') }] : []),
    ],
  };
}
