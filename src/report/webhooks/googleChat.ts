import type { Announcement } from './announcement';
import { escaped } from './escaped';

/**
 * A card of Google Chat (developers.google.com/chat, `cardsV2`): at most 32 kB. Its widgets read a few tags of
 * HTML, its header nothing; the line above it, which notifications show, reads `<users/all>` as a mention.
 */
export function googleChatMessage(announcement: Announcement): object {
  const { subject, verdict, rows, lines } = announcement;
  const paragraph = (text: string): object => ({ textParagraph: { text } });
  const widgets = [
    paragraph(escaped(verdict)),
    ...rows.map(({ name, value }) => ({
      decoratedText: { topLabel: escaped(name), text: escaped(value), wrapText: true },
    })),
    ...(lines.length > 0 ? [paragraph(lines.map(escaped).join('<br>'))] : []),
  ];
  const card = { header: { title: subject }, sections: [{ widgets }] };
  return { text: unmentioned(subject), cardsV2: [{ cardId: 'report', card }] };
}

/** There is no escape in such a text. */
function unmentioned(text: string): string {
  return text.replaceAll('<', '‹').replaceAll('>', '›');
}
