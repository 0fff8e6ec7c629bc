import type { ReceivedCall } from './webReceiver';

/**
 * What each service refuses, as its documentation says: the faults of a call, empty for one that it takes.
 * Services that take anything and show half of it are stricter here than they are.
 */
export const chatServices: Readonly<Record<string, (call: ReceivedCall) => string[]>> = {
  slack: (call) => {
    const { text, blocks } = json(call) as {
      text: string;
      blocks: readonly {
        readonly type: string;
        readonly text?: Plain;
        readonly fields?: readonly Plain[];
      }[];
    };
    return faults([
      [/[<>]/.test(text) || /&(?!amp;|lt;|gt;)/.test(text), 'control sequences in the text'],
      [blocks.length > 50, 'too many blocks'],
      ...blocks.flatMap(({ type, text: own, fields = [] }): Fault[] => [
        [!['header', 'section'].includes(type), `unknown block ${type}`],
        [[own, ...fields].some((one) => one && one.type !== 'plain_text'), 'markup'],
        [(own?.text.length ?? 1) > (type === 'header' ? 150 : 3000), `${type} too long`],
        [own?.text === '' || fields.some((one) => one.text === ''), 'empty text'],
        [fields.length > 10 || fields.some((one) => one.text.length > 2000), 'fields'],
        [type === 'section' && !own && fields.length === 0, 'a section of nothing'],
      ]),
    ]);
  },
  discord: (call) => {
    const { embeds, allowed_mentions: mentions } = json(call) as {
      embeds: readonly {
        readonly title: string;
        readonly description: string;
        readonly fields: readonly { readonly name: string; readonly value: string }[];
      }[];
      allowed_mentions: { readonly parse: readonly string[] };
    };
    const texts = embeds.flatMap(({ title, description, fields }) => [
      title,
      description,
      ...fields.flatMap(({ name, value }) => [name, value]),
    ]);
    return faults([
      [mentions.parse.length > 0, 'mentions'],
      [embeds.length > 10, 'embeds'],
      [texts.join('').length > 6000, 'more than 6000 characters'],
      [texts.includes(''), 'empty text'],
      ...embeds.flatMap(({ title, description, fields }): Fault[] => [
        [title.length > 256 || description.length > 4096, 'title or description'],
        [fields.length > 25, 'fields'],
        [fields.some(({ name, value }) => name.length > 256 || value.length > 1024), 'field'],
      ]),
    ]);
  },
  teams: (call) => {
    const { type, attachments } = json(call) as {
      type: string;
      attachments: readonly { readonly contentType: string; readonly content: Card }[];
    };
    const content = attachments[0]!.content;
    return faults([
      [Buffer.byteLength(call.body) > 28 * 1024, 'more than 28 kB'],
      [type !== 'message' || attachments.length !== 1, 'not a message with a card'],
      [attachments[0]!.contentType !== 'application/vnd.microsoft.card.adaptive', 'type'],
      [content.type !== 'AdaptiveCard' || !/^1\.[0-5]$/.test(content.version), 'version'],
      ...content.body.map(({ type: one, inlines }): Fault => [
        one !== 'RichTextBlock' || inlines.some((run) => run.type !== 'TextRun' || run.text === ''),
        'what reads Markdown, or nothing',
      ]),
    ]);
  },
  'teams-connector': (call) => {
    const card = json(call) as Readonly<Record<string, unknown>> & {
      readonly sections: readonly { readonly markdown?: boolean }[];
    };
    return faults([
      [Buffer.byteLength(call.body) > 28 * 1024, 'more than 28 kB'],
      [card['@type'] !== 'MessageCard', 'type'],
      [card['@context'] !== 'http://schema.org/extensions', 'context'],
      [typeof card['summary'] !== 'string' && typeof card['text'] !== 'string', 'summary'],
      [card.sections.some(({ markdown }) => markdown !== false), 'Markdown'],
    ]);
  },
  'google-chat': (call) => {
    const { text, cardsV2 } = json(call) as {
      text: string;
      cardsV2: readonly { card: { sections: readonly { widgets: readonly object[] }[] } }[];
    };
    const widgets = cardsV2.flatMap(({ card }) => card.sections.flatMap((one) => one.widgets));
    const kinds = widgets.flatMap((widget) => Object.keys(widget));
    return faults([
      [Buffer.byteLength(call.body) > 32_000, 'more than 32 kB'],
      [/<[^>]*>/.test(text), 'a mention or a link'],
      [widgets.length > 100, 'widgets'],
      [kinds.some((kind) => !['textParagraph', 'decoratedText'].includes(kind)), 'unknown widget'],
    ]);
  },
  ntfy: (call) => {
    const { topic, message, title, priority, tags, markdown } = json(call) as Readonly<
      Record<string, unknown>
    >;
    return faults([
      [call.path.replace(/\?.*/, '') !== '/', 'JSON that is not published to the root'],
      [!/^[-_A-Za-z0-9]{1,64}$/.test(String(topic)), 'topic'],
      [Buffer.byteLength(String(message)) > 4096, 'longer than 4096 bytes'],
      [typeof title !== 'string' || title === '', 'title'],
      [![1, 2, 3, 4, 5].includes(Number(priority)) || !Array.isArray(tags), 'priority or tags'],
      [markdown !== undefined, 'Markdown'],
    ]);
  },
  gotify: (call) => {
    const { message, priority, extras } = json(call) as Readonly<Record<string, unknown>>;
    const plain = { 'client::display': { contentType: 'text/plain' } };
    return faults([
      [!/^\/message\?token=\w+$/.test(call.path), 'token'],
      [typeof message !== 'string' || message === '', 'message'],
      [!Number.isInteger(priority), 'priority'],
      [JSON.stringify(extras) !== JSON.stringify(plain), 'markup'],
    ]);
  },
};

interface Plain {
  readonly type: string;
  readonly text: string;
}

interface Card {
  readonly type: string;
  readonly version: string;
  readonly body: readonly { readonly type: string; readonly inlines: readonly Plain[] }[];
}

type Fault = readonly [boolean, string];

function faults(found: readonly Fault[]): string[] {
  return found.filter(([isFault]) => isFault).map(([, name]) => name);
}

function json({ body }: ReceivedCall): unknown {
  return JSON.parse(body);
}
