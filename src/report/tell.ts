import { throwIfAborted, withDeadline } from '../base/abort';
import { BackupError, messageOf } from '../base/errors';
import { retry, type Patience } from '../base/retry';
import { smtpEndpoint, type MailSetting, type Reporting } from '../model/configuration/reporting';
import type { Webhook } from '../model/configuration/webhook';
import type { Environment } from '../sources/environment';
import { callOnce, type HttpCall } from './httpCall';
import { mailOf } from './mail';
import type { News } from './news';
import { webhookCall } from './webhooks/webhookCall';

/** What did not work after a run: a warning, as nothing is wrong with the backup itself. */
export interface Untold {
  /** The field of the server's configuration that it is about. */
  readonly path: keyof typeof failures | 'verify';
  readonly message: string;
}

export interface TellingContext {
  readonly environment: Pick<Environment, 'clock' | 'log' | 'credentials'>;
  readonly signal: AbortSignal;
  /** Default: `usualTellingLimits`. */
  readonly limits?: TellingLimits;
}

export interface TellingLimits {
  /** For calls that found nobody, or a server that is ill. */
  readonly patience: Patience;
  /** Milliseconds for each answer. */
  readonly deadline: number;
}

export const usualTellingLimits: TellingLimits = {
  patience: { attempts: 3, firstDelay: 1000 },
  deadline: 20_000,
};

/** Milliseconds for a person to type the password. Whoever has left keeps the next servers from nothing. */
const longestAsking = 120_000;

/** Mail and webhook according to `when`, the monitor always; all at once. Never rejects. */
export async function tell(
  news: News,
  { when, mail, webhook, monitor }: Reporting,
  context: TellingContext,
): Promise<readonly Untold[]> {
  const wanted = when === 'always' || (when === 'failure' && news.isFailure);
  const monitored = news.isFailure ? monitor?.failure : monitor?.success;
  const told = await Promise.all([
    wanted && mail ? attempt('report.mail', () => mailNews(news, mail, context), context) : [],
    wanted && webhook !== undefined
      ? attempt('report.webhook', () => post(webhook, news, context), context)
      : [],
    callMonitor(monitored, context),
  ]);
  return told.flat();
}

/** Calls an address of the monitoring service, if there is one. Never rejects. */
export async function callMonitor(
  address: string | undefined,
  context: TellingContext,
): Promise<readonly Untold[]> {
  if (address === undefined) return [];
  return await attempt(
    'report.monitor',
    () => call({ address, name: 'The monitor' }, context),
    context,
  );
}

const failures = {
  'report.mail': 'The report could not be sent by mail',
  'report.webhook': 'The report could not be posted',
  'report.monitor': 'The monitor could not be called',
} as const;

async function attempt(
  path: keyof typeof failures,
  work: () => Promise<string>,
  { environment, signal }: TellingContext,
): Promise<readonly Untold[]> {
  try {
    throwIfAborted(signal);
    environment.log.info(await work());
    return [];
  } catch (error) {
    const stopped = error instanceof BackupError && error.kind === 'cancelled';
    const why = stopped ? 'the program was stopped.' : messageOf(error);
    const message = `${failures[path]}: ${why}`;
    environment.log.warn(message);
    return [{ path, message }];
  }
}

async function mailNews(news: News, mail: MailSetting, context: TellingContext): Promise<string> {
  const { environment, signal, limits = usualTellingLimits } = context;
  const password = await passwordOf(mail, context);
  // Loaded here: most runs send no mail.
  const { sendMail } = await import('./sendMail');
  const options = { password, signal, deadline: limits.deadline };
  await retry(
    () => sendMail(mailOf(news, mail), mail.smtp, options),
    environment.clock,
    signal,
    limits.patience,
  );
  return `The report was sent by mail to ${mail.to.map(({ address }) => address).join(', ')}.`;
}

async function passwordOf(
  { smtp }: MailSetting,
  context: TellingContext,
): Promise<string | undefined> {
  const endpoint = smtpEndpoint(smtp);
  if (endpoint === undefined) return undefined;
  const password = await withDeadline(
    context.environment.credentials.password(endpoint),
    longestAsking,
    'waiting for the password of the mail account',
    context.signal,
  );
  if (password !== undefined) return password;
  throw new BackupError(
    'authentication',
    `No password is known for ${endpoint}. On the command line, set SAUVEGARDE_SMTP_PASSWORD.`,
  );
}

async function post(webhook: Webhook, news: News, context: TellingContext): Promise<string> {
  return await call({ ...webhookCall(webhook, news), name: 'The webhook' }, context);
}

async function call(httpCall: HttpCall, context: TellingContext): Promise<string> {
  const { environment, signal, limits = usualTellingLimits } = context;
  const once = (): Promise<void> => callOnce(httpCall, limits.deadline, signal);
  await retry(once, environment.clock, signal, limits.patience);
  return `${httpCall.name} at ${new URL(httpCall.address).host} was called.`;
}
