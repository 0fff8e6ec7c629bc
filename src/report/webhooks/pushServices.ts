import type { HttpCall } from '../httpCall';
import { fitted, plainText, type Announcement } from './announcement';

/** Bytes; a longer message of ntfy becomes a file. */
const longestNtfy = 4096;

/**
 * A message of ntfy, published as JSON (docs.ntfy.sh): to the address above the topic, so that the title needs
 * no header, which could not hold it. Shown as plain text.
 */
export function ntfyCall(address: string, announcement: Announcement): Omit<HttpCall, 'name'> {
  const url = new URL(address);
  const [, folder = '/', topic = ''] = /^(.*\/)([^/]+)\/?$/.exec(url.pathname) ?? [];
  url.pathname = folder;
  const { subject, isFailure } = announcement;
  const message = fitted(announcement, plainText, bytesOf, longestNtfy);
  const body = {
    topic: decodeURIComponent(topic),
    title: subject,
    message,
    priority: isFailure ? 4 : 2,
    tags: [isFailure ? 'rotating_light' : 'white_check_mark'],
  };
  return { address: url.href, body };
}

/** A message of Gotify (gotify.net, `POST /message`), shown as plain text. Above 7 it makes a sound. */
export function gotifyMessage(announcement: Announcement): object {
  return {
    title: announcement.subject,
    message: plainText(announcement),
    priority: announcement.isFailure ? 8 : 2,
    extras: { 'client::display': { contentType: 'text/plain' } },
  };
}

function bytesOf(text: string): number {
  return Buffer.byteLength(text);
}
