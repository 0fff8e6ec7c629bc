import path from 'node:path';
import { parseMailAddresses, type MailAddress } from './mailAddress';
import type { RawReport } from './reportSchema';
import { webhookOf, type Webhook } from './webhook';

/** Who is told how a run went, with every default filled in. */
export interface Reporting {
  /** When mail and webhook are sent. An incomplete run and an overdue backup count as failures. */
  readonly when: 'always' | 'failure' | 'never';
  readonly mail?: MailSetting;
  readonly webhook?: Webhook;
  /** Called whatever `when` says: a monitoring service alarms when it hears nothing. */
  readonly monitor?: MonitorAddresses;
}

export interface MailSetting {
  readonly to: readonly MailAddress[];
  readonly from: MailAddress;
  readonly smtp: SmtpSetting;
}

export interface SmtpSetting {
  readonly host: string;
  readonly port: number;
  /** Absent: no login. */
  readonly username?: string;
  readonly security: 'starttls' | 'tls' | 'none';
  /** Absolute path of a PEM file with an extra certificate authority. */
  readonly ca?: string;
}

export interface MonitorAddresses {
  readonly start?: string;
  readonly success?: string;
  readonly failure?: string;
}

// RFC 6409 for submission, RFC 8314 for TLS from the start, RFC 5321 for the rest.
const ports = { starttls: 587, tls: 465, none: 25 } as const;

/** @param workspace absolute path of the workspace folder, which `ca` is relative to */
export function resolveReporting(raw: RawReport, workspace: string): Reporting {
  const { when = 'failure', mail, webhook, monitor } = raw;
  return {
    when,
    ...(mail && { mail: resolveMail(mail, workspace) }),
    ...(webhook !== undefined && { webhook: resolveWebhook(webhook) }),
    ...(monitor !== undefined && { monitor: resolveMonitor(monitor) }),
  };
}

/**
 * The key of the mail account's secret: `smtp://backup@smtp.example.org:587`. Undefined without a login.
 */
export function smtpEndpoint({ host, port, username }: SmtpSetting): string | undefined {
  if (username === undefined) return undefined;
  const shownHost = host.includes(':') ? `[${host}]` : host;
  return `smtp://${encodeURIComponent(username)}@${shownHost}:${port}`;
}

function resolveMail(mail: NonNullable<RawReport['mail']>, workspace: string): MailSetting {
  const { security = 'starttls', port = ports[security], username, ca, host } = mail.smtp;
  const [from = { address: mail.from, name: '' }] = parseMailAddresses(mail.from);
  return {
    to: parseMailAddresses(mail.to),
    from,
    smtp: {
      host,
      port,
      security,
      ...(username !== undefined && { username }),
      ...(ca !== undefined && { ca: path.resolve(workspace, ca) }),
    },
  };
}

function resolveWebhook(webhook: NonNullable<RawReport['webhook']>): Webhook {
  return typeof webhook === 'string'
    ? webhookOf(webhook)
    : webhookOf(webhook.address, webhook.format);
}

function resolveMonitor(monitor: NonNullable<RawReport['monitor']>): MonitorAddresses {
  if (typeof monitor === 'string') {
    return {
      start: withEnding(monitor, 'start'),
      success: monitor,
      failure: withEnding(monitor, 'fail'),
    };
  }
  const entries = Object.entries(monitor).filter(([, address]) => address !== undefined);
  return Object.fromEntries(entries);
}

/** `https://hc.example.org/id?x=1` → `https://hc.example.org/id/start?x=1` */
function withEnding(address: string, ending: string): string {
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${ending}`;
  return url.href;
}
