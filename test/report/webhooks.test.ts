import { describe, expect, it } from 'vitest';
import { english } from '../../src/base/localization';
import {
  webhookFormats,
  webhookOf,
  type WebhookFormat,
} from '../../src/model/configuration/webhook';
import { newsOfRun, type News } from '../../src/report/news';
import type { RunReport } from '../../src/report/runReport';
import { tell } from '../../src/report/tell';
import { announcementOf } from '../../src/report/webhooks/announcement';
import { chatServices } from '../servers/chatServices';
import { startWebReceiver } from '../servers/webReceiver';
import { exampleReport } from './exampleReport';
import { Telling } from './telling';

const services = webhookFormats.filter((format) => format !== 'json');

/** All that some service would take for a mention, a link or markup. */
const hostile =
  '@everyone @here <!channel> <@U123> <users/all> <https://x.example|y> [a](https://x.example) **b** _c_ ~d~ `e` ||f|| # g\n<b>h</b> &lt;i&gt; \\ \u202Ej https://x.example/k';

function newsOf(changes: Partial<RunReport>): News {
  return newsOfRun({ ...exampleReport, ...changes }, undefined, english);
}

const entries = (count: number, text: string): RunReport['skipped'] =>
  Array.from({ length: count }, (_none, index) => ({
    ...{ path: `/${text}/${index}`, kind: 'permission' as const, message: text },
  }));

const told: Readonly<Record<string, News>> = {
  failure: newsOf({}),
  success: newsOf({ status: 'complete', skipped: [] }),
  error: newsOf({ status: 'failed', error: { kind: 'connection', message: hostile } }),
  hostile: newsOf({ endpoint: hostile, note: hostile, skipped: entries(3, hostile) }),
  long: newsOf({
    endpoint: 'x'.repeat(5000),
    note: '*'.repeat(5000),
    skipped: entries(2000, '*'.repeat(900)),
  }),
  wide: newsOf({
    ...{ server: '漢'.repeat(300), endpoint: '漢'.repeat(5000), note: '😀'.repeat(3000) },
    ...{ skipped: entries(50, '😀'.repeat(500)), warnings: entries(50, '漢'.repeat(900)) },
  }),
  odd: newsOf({ endpoint: '', note: '\u0000\u001b[31m\uD800', server: '' }),
};

const addresses: Readonly<Record<string, string>> = {
  ntfy: '/my-topic?auth=x',
  gotify: '/message?token=Abc',
};

describe.each(services)('%s', (format) => {
  it.each(Object.keys(told))('takes a report: %s', async (kind) => {
    await using server = await startWebReceiver((call) =>
      chatServices[format]!(call).length === 0 ? 200 : 400,
    );
    const webhook = webhookOf(server.at(addresses[format] ?? '/hook'), format);
    const untold = await tell(told[kind]!, { when: 'always', webhook }, new Telling().context());
    const [call] = server.calls;
    expect(chatServices[format]!(call!)).toEqual([]);
    expect(untold).toEqual([]);
    expect(call).toMatchObject({ method: 'POST', contentType: 'application/json' });
    expect(call!.body).not.toMatch(/\\u00[01]|\u202E/);
  });

  it('says what happened, and what it is about', async () => {
    await using server = await startWebReceiver();
    const webhook = webhookOf(server.at(addresses[format] ?? '/hook'), format);
    await tell(told['failure']!, { when: 'always', webhook }, new Telling().context());
    const body = server.calls[0]!.body.replaceAll(/\\\\(.)/g, '$1');
    for (const text of [told['failure']!.subject, 'sftp://u@h:22', '/a: Not allowed.', '+ /new'])
      expect(body).toContain(text);
  });
});

/** All texts of a message below some fields. */
function textsOf(value: unknown, names: readonly string[], under = ''): string[] {
  if (typeof value === 'string') return names.includes(under) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, one]) =>
    textsOf(one, names, Array.isArray(value) ? under : name),
  );
}

async function bodyOf(format: WebhookFormat): Promise<unknown> {
  await using server = await startWebReceiver();
  const webhook = webhookOf(server.at(addresses[format] ?? '/hook'), format);
  await tell(told['hostile']!, { when: 'always', webhook }, new Telling().context());
  return JSON.parse(server.calls[0]!.body);
}

describe('a text of a server', () => {
  const { rows, lines } = announcementOf(told['hostile']!);
  const shown = [...rows.map(({ value }) => value), ...lines];

  it('is no markup of Discord: without its escapes nothing is left that means something', async () => {
    const texts = textsOf(await bodyOf('discord'), ['description', 'value']);
    for (const text of texts) {
      expect(text.replaceAll(/\\[^A-Za-z0-9\s]/g, '')).not.toMatch(/[\\`*_~|<>[\]()#@]|:\/\//);
    }
    const read = texts.join('\n').replaceAll(/\\(.)/g, '$1');
    for (const text of shown) expect(read).toContain(text);
  });

  it.each([
    ['teams-connector', ['text', 'name', 'value', 'activityTitle', 'summary']],
    ['google-chat', ['text', 'topLabel']],
  ] as const)('is no HTML of %s, and is read as it was', async (format, names) => {
    const texts = textsOf(await bodyOf(format), names);
    const read = texts.map((text) => {
      expect(text.replaceAll('<br>', '')).not.toMatch(/[<>]|&(?!(?:amp|lt|gt);)/);
      const plain = text.replaceAll('<br>', '\n').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
      return plain.replaceAll('&amp;', '&');
    });
    for (const text of shown) expect(read.join('\n')).toContain(text);
  });
});

describe('the form of a webhook', () => {
  it.each([
    ['https://hooks.slack.com/services/T0/B0/x', 'slack'],
    ['https://hooks.slack.com/triggers/T0/1/x', 'json'],
    ['https://discord.com/api/webhooks/1/x', 'discord'],
    ['https://canary.discord.com/api/v10/webhooks/1/x?wait=true', 'discord'],
    ['https://discord.com/api/webhooks/1/x/slack', 'slack'],
    [
      'https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/manual/paths/invoke?sig=x',
      'teams',
    ],
    [
      'https://default1.2.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/a/triggers/manual/paths/invoke?sig=x',
      'teams',
    ],
    ['https://firm.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d', 'teams-connector'],
    ['https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d', 'teams-connector'],
    ['https://chat.googleapis.com/v1/spaces/A/messages?key=k&token=t', 'google-chat'],
    ['https://ntfy.sh/my-topic', 'ntfy'],
    ['https://push.example.org/message?token=AbC', 'gotify'],
    ['https://push.example.org/gotify/message?token=AbC', 'gotify'],
    ['https://hooks.example.org/message?token=5', 'json'],
    ['https://evil.example.org/hooks.slack.com/services/T0', 'json'],
    ['https://hooks.slack.com.evil.example/services/T0', 'json'],
  ])('%s is %s', (address, format) => {
    expect(webhookOf(address).format).toBe(format);
    expect(webhookOf(address, 'json').format).toBe('json');
  });

  it('a topic of an ntfy below a folder is published to that folder, with what the address says', async () => {
    await using server = await startWebReceiver();
    const webhook = webhookOf(server.at('/push/my-topic?auth=QWxh'), 'ntfy');
    await tell(told['failure']!, { when: 'always', webhook }, new Telling().context());
    expect(server.calls[0]).toMatchObject({ path: '/push/?auth=QWxh' });
    expect(JSON.parse(server.calls[0]!.body)).toMatchObject({ topic: 'my-topic', priority: 4 });
  });
});
