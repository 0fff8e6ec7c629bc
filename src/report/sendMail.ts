/** Sends a mail by SMTP. A bundle of its own (build/bundle.mjs), loaded when there is a mail to send. */
import MailComposer from 'nodemailer/lib/mail-composer';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import { withDeadline } from '../base/abort';
import { secureContextWith } from '../base/authorities';
import { BackupError } from '../base/errors';
import type { SmtpSetting } from '../model/configuration/reporting';
import type { Mail } from './mail';
import { mailError } from './mailError';

export interface SendingOptions {
  /** For the login; unused where the setting has no user name. */
  readonly password: string | undefined;
  readonly signal: AbortSignal;
  /** Milliseconds for each step of which the server has a part. */
  readonly deadline: number;
}

/** A log of two megabytes over a slow line takes so many times the deadline of a step. */
const stepsAtMost = 6;

/**
 * Hands the mail to the server: encrypted, with a certificate that is trusted, unless the setting says
 * "none". Throws a `BackupError`, which never holds the password.
 */
export async function sendMail(
  mail: Mail,
  smtp: SmtpSetting,
  options: SendingOptions,
): Promise<void> {
  const message = await messageOf(mail);
  const connection = await connectionTo(smtp, options.deadline);
  const progress = { begun: false };
  const lost = new Promise<never>((_resolve, reject) => {
    connection.on('error', reject);
    connection.on('end', () => reject(new BackupError('connection', `${smtp.host} hung up.`)));
  });
  const talk = async (): Promise<void> => {
    await step((done) => connection.connect(done));
    const { username: user } = smtp;
    if (user !== undefined) {
      await step((done) => connection.login({ user, pass: options.password ?? '' }, done));
    }
    progress.begun = true;
    await transmit(connection, mail, message, smtp);
  };
  try {
    await withDeadline(
      Promise.race([talk(), lost]),
      options.deadline * stepsAtMost,
      `sending the report to ${smtp.host}`,
      options.signal,
    );
    connection.quit();
  } catch (error) {
    throw mailError(error, smtp, progress.begun);
  } finally {
    lost.catch(() => undefined);
    connection.close();
  }
}

async function connectionTo(smtp: SmtpSetting, deadline: number): Promise<SMTPConnection> {
  const { host, port, security, ca } = smtp;
  return new SMTPConnection({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    ...(security !== 'none' && { tls: { secureContext: await secureContextWith(ca) } }),
    dnsTimeout: deadline,
    connectionTimeout: deadline,
    greetingTimeout: deadline,
    socketTimeout: deadline,
    socketCloseTimeout: 1000,
  });
}

async function transmit(
  connection: SMTPConnection,
  mail: Mail,
  message: Buffer,
  smtp: SmtpSetting,
): Promise<void> {
  const envelope = { from: mail.from.address, to: mail.to.map(({ address }) => address) };
  const rejected = await new Promise<readonly string[]>((resolve, reject) => {
    connection.send(envelope, message, (error, information) => {
      if (error) reject(error);
      else resolve(information.rejected);
    });
  });
  if (rejected.length === 0) return;
  throw new BackupError(
    'protocol',
    `The mail server ${smtp.host} took the report for some recipients, and not for ${rejected.join(', ')}.`,
    { scope: 'run' },
  );
}

function step(start: (done: (error?: Error | null) => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    start((error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

function messageOf({ attachment, ...mail }: Mail): Promise<Buffer> {
  const composer = new MailComposer({
    ...mail,
    to: [...mail.to],
    disableFileAccess: true,
    disableUrlAccess: true,
    // Answers of people on holiday are of no use to a program (RFC 3834).
    headers: { 'Auto-Submitted': 'auto-generated' },
    attachments: attachment
      ? [
          {
            filename: attachment.name,
            content: attachment.content,
            contentType: 'text/plain; charset=utf-8',
          },
        ]
      : [],
  });
  return composer.compile().build();
}
