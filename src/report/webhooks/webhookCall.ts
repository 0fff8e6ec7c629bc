import type { Webhook, WebhookFormat } from '../../model/configuration/webhook';
import type { HttpCall } from '../httpCall';
import type { News } from '../news';
import { announcementOf, type Announcement } from './announcement';
import { discordMessage } from './discord';
import { googleChatMessage } from './googleChat';
import { gotifyMessage, ntfyCall } from './pushServices';
import { slackMessage } from './slack';
import { connectorMessage, teamsMessage } from './teams';

type Message = (announcement: Announcement) => object;

const messages: Readonly<Record<Exclude<WebhookFormat, 'json' | 'ntfy'>, Message>> = {
  slack: slackMessage,
  discord: discordMessage,
  teams: teamsMessage,
  'teams-connector': connectorMessage,
  'google-chat': googleChatMessage,
  gotify: gotifyMessage,
};

/** How a service is told, in its own form. */
export function webhookCall({ address, format }: Webhook, news: News): Omit<HttpCall, 'name'> {
  if (format === 'json') return { address, body: news.body };
  const announcement = announcementOf(news);
  if (format === 'ntfy') return ntfyCall(address, announcement);
  return { address, body: messages[format](announcement) };
}
