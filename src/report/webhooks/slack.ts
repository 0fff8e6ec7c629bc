import type { Announcement } from './announcement';
import { escaped } from './escaped';

/**
 * A message of Slack in blocks (docs.slack.dev, Block Kit): at most 150 characters in a header, 3000 in a
 * section, 2000 in each of its ten fields. All is `plain_text`, in which neither mentions nor links nor
 * markup exist; only `text`, which notifications show, is read for them.
 */
export function slackMessage(announcement: Announcement): object {
  const { subject, verdict, rows, lines } = announcement;
  const fields = rows.slice(0, 10).map(({ name, value }) => plain(`${name}: ${value}`));
  return {
    text: escaped(subject),
    mrkdwn: false,
    unfurl_links: false,
    unfurl_media: false,
    blocks: [
      { type: 'header', text: plain(subject) },
      { type: 'section', text: plain(verdict) },
      ...(fields.length > 0 ? [{ type: 'section', fields }] : []),
      ...(lines.length > 0
        ? [{ type: 'section', text: plain(lines.join('\n').slice(0, 3000)) }]
        : []),
    ],
  };
}

function plain(text: string): object {
  return { type: 'plain_text', text, emoji: false };
}
