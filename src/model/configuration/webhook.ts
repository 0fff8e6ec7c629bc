/** In whose form a report is posted. */
export const webhookFormats = [
  'json',
  'slack',
  'discord',
  'teams',
  'teams-connector',
  'google-chat',
  'ntfy',
  'gotify',
] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** Where a report is posted, and how. */
export interface Webhook {
  readonly address: string;
  /** `json`: all of the report, for programs. The others are messages for people. */
  readonly format: WebhookFormat;
}

interface Sign {
  readonly format: WebhookFormat;
  readonly host: RegExp;
  readonly path: RegExp;
}

/** The addresses that the services themselves hand out. */
const signs: readonly Sign[] = [
  // A workflow of Slack (`/triggers/`) takes only the fields that somebody has named in it.
  { format: 'slack', host: /^hooks\.slack(?:-gov)?\.com$/, path: /^\/services\// },
  // Discord takes messages in Slack's form there.
  {
    format: 'slack',
    host: /^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/,
    path: /^\/api\/(?:v\d+\/)?webhooks\/.*\/slack$/,
  },
  {
    format: 'discord',
    host: /^(?:(?:ptb|canary)\.)?discord(?:app)?\.com$/,
    path: /^\/api\/(?:v\d+\/)?webhooks\/\d+\/[^/]+\/?$/,
  },
  // Workflows of Power Automate, by their older and their newer hosts.
  { format: 'teams', host: /\.logic\.azure\.(?:com|us)$/, path: /\/workflows\// },
  { format: 'teams', host: /\.api\.(?:\w+\.)?powerplatform\.\w+$/, path: /\/workflows\// },
  { format: 'teams-connector', host: /\.webhook\.office\.com$/, path: /^\// },
  { format: 'teams-connector', host: /^outlook\.office(?:365)?\.com$/, path: /^\/webhook\// },
  { format: 'google-chat', host: /^chat\.googleapis\.com$/, path: /^\/v1\/spaces\// },
  { format: 'ntfy', host: /^ntfy\.sh$/, path: /^\/[^/]+\/?$/ },
];

/** By the address alone; `json` where it says nothing. */
export function webhookOf(address: string, format?: WebhookFormat): Webhook {
  return { address, format: format ?? formatOf(new URL(address)) };
}

function formatOf({ hostname, pathname, searchParams }: URL): WebhookFormat {
  // Gotify is on everybody's own host; its tokens of applications begin with an A.
  const isGotify = pathname.endsWith('/message') && searchParams.get('token')?.startsWith('A');
  if (isGotify === true) return 'gotify';
  const sign = signs.find(({ host, path }) => host.test(hostname) && path.test(pathname));
  return sign?.format ?? 'json';
}
